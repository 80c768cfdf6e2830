// `npm run typecheck`: the cells of every notebook's source as one module each, checked with what every cell has.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');
const TEXTS = ['text', 'solutions/text'].map((folder) => path.join(__dirname, folder));
/** They declare a name twice with two types. */
const PENDING = ['01-tutorial'];

/** A module at the root, where cells find `./src`, whose lines are those of the notebook's source. */
function moduleOf(file: string): [name: string, text: string] {
  let isCode = false;
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const code = lines.map((line) => {
    if (!line.startsWith('```')) return isCode ? line : '';
    const ended = isCode;
    isCode = line.startsWith('```typescript');
    return ended ? ';' : ''; // the last expression of a cell is not part of the next
  });
  const name = path.relative(__dirname, file).replace(/\W/g, '_');
  return [path.join(ROOT, `${name}.ts`), `${code.join('\n')}\nexport {};`];
}

const files = TEXTS.flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)));
const checked = files.filter((file) => file.endsWith('.md') && !PENDING.some((name) => file.includes(name)));
const modules = new Map(checked.map(moduleOf));
const sourceOf = new Map([...modules.keys()].map((name, i) => [name, path.relative(ROOT, checked[i])]));

const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
  config: { compilerOptions: object };
};
const changes = { module: 'ES2022', noUnusedLocals: false, isolatedModules: false, typeRoots: ['node_modules/@types', 'kernel/types'], types: ['node', 'notebook'] }; // prettier-ignore
const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...changes }, ROOT);
const host = ts.createCompilerHost(options);
const { readFile, fileExists, getSourceFile } = host;
host.readFile = (file) => modules.get(file) ?? readFile(file);
host.fileExists = (file) => modules.has(file) || fileExists(file);
host.getSourceFile = (file, target, ...rest) => {
  const text = modules.get(file);
  return text === undefined ? getSourceFile(file, target, ...rest) : ts.createSourceFile(file, text, target);
};
const program = ts.createProgram([...modules.keys()], options, host);
const found = [...modules.keys()].flatMap((name) => {
  const file = program.getSourceFile(name)!;
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
});
for (const { file, start, code, messageText } of found) {
  const { line, character } = file!.getLineAndCharacterOfPosition(start!);
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  process.stdout.write(`${sourceOf.get(file!.fileName)}:${line + 1}:${character + 1} - error TS${code}: ${message}\n`);
}
process.stdout.write(`${modules.size} notebooks checked, ${found.length} errors\n`);
process.exitCode = found.length > 0 ? 1 : 0;
