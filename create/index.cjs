#!/usr/bin/env node
// `npm create spanlab my-qa`: a folder with questions as CSV, a training script and a notebook that run as they are.
const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { version } = require('./package.json');

const USAGE = 'usage: npm create spanlab FOLDER [-- --spanlab VERSION|file:TARBALL]';
/** npm leaves these out of packages, or takes them for its own. */
const RENAMED = { gitignore: '.gitignore', 'package.template.json': 'package.json' };

function main() {
  const { values, positionals } = parse();
  if (values.help) return process.stdout.write(`${USAGE}\n`);
  if (positionals.length !== 1) return fail('E_USAGE', `name one folder; ${USAGE}`, 2);
  const folder = path.resolve(positionals[0]);
  if (fs.existsSync(folder) && (!fs.statSync(folder).isDirectory() || fs.readdirSync(folder).length > 0)) {
    return fail('E_FOLDER', `${positionals[0]}: something is there already; name a new or an empty folder`, 1);
  }
  copy(path.join(__dirname, 'template'), folder);
  fillIn(path.join(folder, 'package.json'), { NAME: packageName(folder), SPANLAB: values.spanlab ?? `^${version}` });
  process.stdout.write(
    [
      `${positionals[0]} is there. Next:`,
      '',
      `  cd ${positionals[0]}`,
      '  npm install',
      '  npm start              # trains on data/questions.csv, then answers',
      '  npm run lab            # opens JupyterLab with notebook.ipynb',
      '',
    ].join('\n'),
  );
}

function parse() {
  try {
    const options = { help: { type: 'boolean', short: 'h' }, spanlab: { type: 'string' } };
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    fail('E_USAGE', `${error.message}; ${USAGE}`, 2);
    process.exit();
  }
}

function copy(from, to) {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, RENAMED[entry.name] ?? entry.name)];
    if (entry.isDirectory()) copy(source, target);
    else fs.copyFileSync(source, target);
  }
}

function fillIn(file, values) {
  const text = fs.readFileSync(file, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
  fs.writeFileSync(file, text);
}

/** What npm takes as a package's name. */
function packageName(folder) {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name || 'my-qa';
}

function fail(code, message, exitCode) {
  process.stderr.write(`error: ${code}: ${message}\n`);
  process.exitCode = exitCode;
}

main();
