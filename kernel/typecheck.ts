// Type-checks the cells of the course as sources, with no kernel: typecheck.ts [NAME …]. The cells of a notebook, one after
// another, are a module at the project's root.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../src/root';

const FOLDERS = ['notebooks/text', 'notebooks/solutions/text'];
const CELL = /^```typescript.*\n([^]*?)^```$/gm;

/** A text with everything but its cells blanked, so that lines keep their numbers. */
function cellsOf(text: string): string {
  const lines = text.split('\n').map(() => '');
  for (const { 1: code, index, 0: whole } of text.matchAll(CELL)) {
    const first = text.slice(0, index + whole.indexOf('\n') + 1).split('\n').length - 1;
    // where a fence ends the cell, a statement ends, too
    `${code};`.split('\n').forEach((line, i) => (lines[first + i] ||= line));
  }
  return `${lines.join('\n')}\nexport {};\n`;
}

function sources(names: string[]): Map<string, { text: string; shown: string }> {
  const found = new Map<string, { text: string; shown: string }>();
  for (const folder of FOLDERS) {
    for (const file of fs.readdirSync(path.join(projectRoot(), folder)).filter((name) => name.endsWith('.md'))) {
      const shown = `${folder}/${file}`;
      if (names.length > 0 && !names.some((name) => shown.includes(name))) continue;
      const text = cellsOf(fs.readFileSync(path.join(projectRoot(), shown), 'utf8'));
      found.set(path.join(projectRoot(), `${shown.replaceAll('/', '-')}.cells.ts`), { text, shown });
    }
  }
  return found;
}

/** The project's strictness; cells may leave names unused. */
function options(): ts.CompilerOptions {
  const file = path.join(projectRoot(), 'tsconfig.json');
  const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, projectRoot());
  const loose = { noUnusedLocals: false, noUnusedParameters: false, isolatedModules: false };
  return { ...options, ...loose, module: ts.ModuleKind.ESNext };
}

function check(names: string[]): ts.Diagnostic[] {
  const cells = sources(names);
  const host = ts.createCompilerHost(options());
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => cells.has(name) || fileExists(name);
  host.readFile = (name) => cells.get(name)?.text ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const cell = cells.get(name);
    return cell ? ts.createSourceFile(name, cell.text, rest[0]) : getSourceFile(name, ...rest);
  };
  const globals = path.join(projectRoot(), 'kernel', 'types', 'notebook', 'index.d.ts');
  const program = ts.createProgram([globals, ...cells.keys()], options(), host);
  const found = [...cells.keys()].flatMap((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(name)));
  for (const { file, start, messageText } of found) {
    const { line, character } = file!.getLineAndCharacterOfPosition(start!);
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    process.stdout.write(`${cells.get(file!.fileName)!.shown}(${line + 1},${character + 1}): ${text}\n`);
  }
  return found;
}

process.exitCode = check(process.argv.slice(2)).length > 0 ? 1 : 0;
