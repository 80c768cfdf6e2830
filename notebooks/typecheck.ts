// `npm run typecheck`: the cells of every notebook's source as one module each, checked with what every cell has.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');
const TEXTS = ['text', 'solutions/text'].map((folder) => path.join(__dirname, folder));

/** What begins another part of a notebook, which runs in a fresh kernel: it must not need the parts above it. */
const PART = /^# Part (?!one\b)/;

/** Modules at the root, where cells find `./src`: one for each part of a notebook, whose lines are those of its source. */
function modulesOf(file: string): [name: string, text: string][] {
  let isCode = false;
  const parts: string[][] = [[]];
  for (const [at, line] of fs.readFileSync(file, 'utf8').split('\n').entries()) {
    if (!isCode && PART.test(line)) parts.push(new Array<string>(at).fill(''));
    const isFence = line.startsWith('```');
    // the last expression of a cell is not part of the next
    parts.at(-1)!.push(isFence ? (isCode ? ';' : '') : isCode ? line : '');
    if (isFence) isCode = line.startsWith('```typescript');
  }
  const name = path.relative(__dirname, file).replace(/\W/g, '_');
  return parts.map((code, i) => [path.join(ROOT, `${name}_${i}.ts`), `${code.join('\n')}\nexport {};`]);
}

const files = TEXTS.flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)));
const checked = files.filter((file) => file.endsWith('.md'));
const modules = new Map<string, string>();
const sourceOf = new Map<string, string>();
for (const file of checked) {
  for (const [name, text] of modulesOf(file)) {
    modules.set(name, text);
    sourceOf.set(name, path.relative(ROOT, file));
  }
}

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
process.stdout.write(`${checked.length} notebooks checked, ${found.length} errors\n`);
process.exitCode = found.length > 0 ? 1 : 0;
