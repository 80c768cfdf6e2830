// The part of tslab that the kernel keeps, its converter, with the types that tslab does not export.
/* eslint-disable @typescript-eslint/no-require-imports -- tslab has no public entry to its parts; it is pinned exactly */

/** What tslab puts before every cell, to make it a module. */
export const PREFIX = 'export {};\n';
export const PREFIX_LINES = 1;

/** What a cell declares, or why it is none; the JavaScript is ours. */
export interface Conversion {
  declOutput?: string;
  diagnostics: { start: { offset: number }; code: number; messageText: string }[];
}

export interface Converter {
  convert(declarations: string, code: string): Conversion;
}

// loaded when first called: the compiler must be in place before
export function createConverter(isJS: boolean): Converter {
  const { createConverter: create } = require('tslab/dist/converter') as {
    createConverter(options: { isJS: boolean; isBrowser: boolean }): Converter;
  };
  return create({ isJS, isBrowser: false });
}

/** Makes `tslab.display` and `tslab.newDisplay()` show through us. */
export function setDisplay(
  show: (content: { data: Record<string, unknown>; transient?: { display_id?: string } }, update: boolean) => void,
): void {
  const jupyter = require('tslab/dist/jupyter') as { lastWriteDisplayData: typeof show };
  jupyter.lastWriteDisplayData = show;
}
