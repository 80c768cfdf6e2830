// Cells are checked loosely, and so is what they import; but code that was written for `strict` can fail there, since without
// it nothing is narrowed by null and unknown. An error in an imported file counts where a strict check has it, too.
import type typescript from 'typescript';
import { ts } from './compiler';

interface Checked {
  text: string;
  errors: Set<string>;
}

const nameOf = ({ code, start }: typescript.Diagnostic) => `${code} at ${start}`;

/** Remembers what was found: a strict program takes a second or two. */
export class ImportedFiles {
  private readonly checked = new Map<string, Checked>();

  /** `found` without the errors that only a loose check has. */
  reduce(program: typescript.Program, cellFile: string, found: readonly typescript.Diagnostic[]) {
    const suspects = new Set<typescript.SourceFile>();
    for (const { file } of found) {
      if (file && file.fileName !== cellFile && this.checked.get(file.fileName)?.text !== file.text) suspects.add(file);
    }
    if (suspects.size > 0) this.check(program, [...suspects]);
    return found.filter((error) => {
      const { file } = error;
      return !file || file.fileName === cellFile || this.checked.get(file.fileName)!.errors.has(nameOf(error));
    });
  }

  private check(program: typescript.Program, files: typescript.SourceFile[]): void {
    const options = { ...program.getCompilerOptions(), strict: true };
    const names = files.map(({ fileName }) => fileName);
    const strict = ts.createProgram(names, options);
    for (const { fileName, text } of files) {
      const file = strict.getSourceFile(fileName);
      const errors = file ? [...strict.getSyntacticDiagnostics(file), ...strict.getSemanticDiagnostics(file)] : [];
      this.checked.set(fileName, { text, errors: new Set(errors.map(nameOf)) });
    }
  }
}
