// What the compiler in the browser knows: the declarations of our sources, of the packages that cells import, and of the language.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject, libraryFiles, PACKAGES } from './bundle';
import { PROJECT } from './project';

const ROOT = path.resolve(__dirname, '..');
/** Packages that notebooks import and that a tab does not have: cells compile, and say so when they run. */
const ELSEWHERE = ['@xenova/transformers', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'tokenizers'];

const NOTEBOOK_TYPES = 'kernel/types/notebook/index.d.ts';

/** Texts by their place in the worker. */
type Texts = Record<string, string>;

/** All that a cell can be checked against. */
export function declarationPack(): Texts {
  const emitted = emitDeclarations();
  const texts: Texts = { [`${PROJECT}/tsconfig.json`]: tsconfig() };
  for (const [file, text] of Object.entries(emitted)) texts[inProject(file)] = text;
  for (const file of neededFiles(emitted)) {
    texts[inProject(file)] = fs.readFileSync(file, 'utf8');
    for (const manifest of manifestsAbove(file)) texts[inProject(manifest)] = typesOf(manifest);
  }
  texts[inProject(path.join(ROOT, NOTEBOOK_TYPES))] += ELSEWHERE.map((name) => `declare module '${name}';\n`).join('');
  return texts;
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  return ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, ROOT).options;
}

function emitDeclarations(): Texts {
  const names = libraryFiles().map((file) => path.join(ROOT, file));
  const emitOnly = { noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: false };
  const program = ts.createProgram(names, { ...options(), ...emitOnly, outDir: ROOT, rootDir: ROOT });
  const texts: Texts = {};
  program.emit(undefined, (file, text) => (texts[path.resolve(file)] = text), undefined, true);
  return texts;
}

/** Every other file that a cell's imports lead to. */
function neededFiles(emitted: Texts): string[] {
  const entry = path.join(ROOT, 'site', 'every-import.ts');
  const own = Object.keys(emitted).map((file) => `import '${file.replace(/\.d\.ts$/, '')}';`);
  const text = [...own, ...PACKAGES.map((name) => `import '${name}';`)].join('\n');
  const virtual: Texts = { ...emitted, [entry]: text };
  const settings = { ...options(), types: ['node'], lib: undefined, target: ts.ScriptTarget.ESNext };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists } = host;
  host.readFile = (file) => virtual[file] ?? readFile(file);
  // the declaration, not the source beside it
  host.fileExists = (file) => file in virtual || (fileExists(file) && !(file.replace(/\.ts$/, '.d.ts') in emitted));
  host.getSourceFile = (file, version) => {
    const found = host.readFile(file);
    return found === undefined ? undefined : ts.createSourceFile(file, found, version);
  };
  const program = ts.createProgram([entry, path.join(ROOT, NOTEBOOK_TYPES)], settings, host);
  const libraries = path.dirname(ts.getDefaultLibFilePath(settings));
  const standard = fs
    .readdirSync(libraries)
    .filter((name) => /^lib\.(es|esnext|dom|decorators)[^]*\.d\.ts$/.test(name));
  const found = program.getSourceFiles().flatMap(({ fileName }) => forEitherKind(path.resolve(fileName)));
  return [...new Set([...found, ...standard.map((name) => path.join(libraries, name))])].filter(
    (file) => !(file in emitted) && file !== entry,
  );
}

/** A package may declare itself twice, for `require` and for `import`, which is what cells do. */
function forEitherKind(file: string): string[] {
  const other = file.replace(/\.d\.cts$/, '.d.mts');
  return other !== file && fs.existsSync(other) ? [file, other] : [file];
}

/** The package.json of the package that a file is in: by it the compiler finds types. */
function manifestsAbove(file: string): string[] {
  const found: string[] = [];
  for (let folder = path.dirname(file); folder.includes('node_modules'); folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (fs.existsSync(manifest)) found.push(manifest);
  }
  return found;
}

function typesOf(manifest: string): string {
  const { name, version, main, types, typings, exports, typesVersions } = JSON.parse(
    fs.readFileSync(manifest, 'utf8'),
  ) as Record<string, unknown>;
  return JSON.stringify({ name, version, main, types, typings, exports, typesVersions });
}

/** So that `spanlab`, `spanlab/training` and `spanlab/browser` are found. */
function tsconfig(): string {
  const browser = ['./site/browser/index'];
  const paths = { 'spanlab/browser': browser, spanlab: ['./src/index'], 'spanlab/*': ['./src/*/index'] };
  return JSON.stringify({ compilerOptions: { paths } });
}
