// The part of tslab that the kernel keeps, its converter, with the types that tslab does not export.
/* eslint-disable @typescript-eslint/no-require-imports -- tslab has no public entry to its parts; it is pinned exactly */

/** A cell as JavaScript, or why it is none. */
export interface Conversion {
  output?: string;
  declOutput?: string;
  diagnostics: { start: { offset: number }; code: number; messageText: string }[];
  hasToplevelAwait?: boolean;
  lastExpressionVar?: string;
  sideOutputs?: { path: string; data: string }[];
}

export interface Converter {
  convert(declarations: string, code: string): Conversion;
  addModule(name: string, code: string, meta: unknown): unknown[];
  close(): void;
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
