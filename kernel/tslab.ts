// The parts of tslab that the kernel keeps, its converter and its executor, with the types that tslab does not export.
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

/** What the language service knows of a place in a cell. */
export interface QuickInfo {
  displayParts?: { text: string }[];
  documentation?: { text: string }[];
  tags?: { name: string; text?: { text: string }[] }[];
}

export interface Completion {
  start: number;
  end: number;
  candidates: string[];
}

export interface Converter {
  convert(declarations: string, code: string): Conversion;
  inspect(declarations: string, code: string, position: number): QuickInfo | undefined;
  complete(declarations: string, code: string, position: number): Completion;
  addModule(name: string, code: string, meta: unknown): unknown[];
  close(): void;
}

export interface Executor {
  /** The values of all cells, by name. */
  locals: Record<string, unknown>;
  execute(code: string): Promise<boolean>;
  inspect(code: string, position: number): QuickInfo | undefined;
  complete(code: string, position: number): Completion;
  /** Ends the wait for a cell, not the cell. */
  interrupt(): void;
}

/** Where the executor says what a cell gave and why it failed; nothing else writes to it. */
export interface Reporter {
  log(value: unknown): void;
  error(...parts: unknown[]): void;
}

interface Converters {
  node: Converter;
  close(): void;
}

// loaded when first called: the compiler must be mended before
export function createConverter(): Converter {
  const { createConverter: create } = require('tslab/dist/converter') as {
    createConverter(options: { isJS: boolean; isBrowser: boolean }): Converter;
  };
  return create({ isJS: false, isBrowser: false });
}

export function createExecutor(root: string, converter: Converter, reporter: Reporter): Executor {
  const { createExecutor: create } = require('tslab/dist/executor') as {
    createExecutor(root: string, converters: Converters, reporter: Reporter): Executor;
  };
  return create(root, { node: converter, close: () => converter.close() }, reporter);
}

/** Makes `tslab.display` and `tslab.newDisplay()` show through us. */
export function setDisplay(
  show: (content: { data: Record<string, unknown>; transient?: { display_id?: string } }, update: boolean) => void,
): void {
  const jupyter = require('tslab/dist/jupyter') as { lastWriteDisplayData: typeof show };
  jupyter.lastWriteDisplayData = show;
}
