// In a clone the command line runs the TypeScript of `src` as it is: each file is made into JavaScript once, by esbuild, and the result
// is kept under `node_modules/.cache` with a hash of what it came from and how. `tsx`, which does the same with source maps and for files from
// anywhere, takes three times as long to start `spanlab --help`; it is used where a person wants to see lines: with SPANLAB_DEBUG=1.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const module_ = require('node:module');
const path = require('node:path');
const { FOLDER, keepFile } = require('./kept-code.cjs');

const ROOT = path.resolve(__dirname, '..');
// the language level is that of tsconfig.json; imports of packages that are modules only stay imports
const OPTIONS = { loader: 'ts', format: 'cjs', target: 'es2022' };
const HOW = JSON.stringify(OPTIONS);

/** JavaScript of a file; its first line names what it was made from. */
function compiled(file) {
  const source = fs.readFileSync(file, 'utf8');
  const firstLine = `// ${createHash('sha1').update(HOW).update(source).digest('hex')}\n`;
  const kept = path.join(FOLDER, `${path.relative(ROOT, file).replaceAll(path.sep, '~')}.js`);
  try {
    const code = fs.readFileSync(kept, 'utf8');
    if (code.startsWith(firstLine)) return code;
  } catch {
    // not yet
  }
  const code = firstLine + require('esbuild').transformSync(source, { ...OPTIONS, sourcefile: file }).code;
  keepFile(kept, code);
  return code;
}

if (process.env.SPANLAB_DEBUG === '1') require('tsx/cjs');
else module_._extensions['.ts'] = (module, file) => module._compile(compiled(file), file);
