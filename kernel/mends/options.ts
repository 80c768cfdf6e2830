// Mend: tslab compiles cells without strictness and without our globals. Cells get the options of tsconfig.json.
import path from 'node:path';
import type typescript from 'typescript';
import { ts } from './compiler';

/** What tslab decides for itself, or what is of no sense in a cell. */
const NOT_FOR_CELLS = [
  ...['module', 'moduleResolution', 'target', 'noEmit', 'isolatedModules', 'types'],
  // the values of a cell are used by other cells
  ...['noUnusedLocals', 'noUnusedParameters'],
];

/** tslab's options, made as strict as the project's, with the types of what every cell has. */
export function cellOptions(tslab: typescript.CompilerOptions, root: string): typescript.CompilerOptions {
  const read = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { compilerOptions = {} } = (read.config ?? {}) as { compilerOptions?: Record<string, unknown> };
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  const strict = Object.fromEntries(Object.entries(options).filter(([name]) => !NOT_FOR_CELLS.includes(name)));
  return {
    ...tslab,
    ...strict,
    typeRoots: [...(tslab.typeRoots ?? []), path.join(__dirname, '..', 'types')],
    types: ['node', 'notebook'],
    // JavaScript files that a cell imports are nobody's to type
    checkJs: false,
    // tslab leaves 'use strict' out, which the compiler does not allow beside this
    alwaysStrict: false,
    inlineSourceMap: true,
  };
}
