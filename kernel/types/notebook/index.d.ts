// What every cell has without an import.

/** A value's forms by MIME type, for example `{ 'text/html': '<b>7</b>', 'text/plain': '7' }`. */
type MimeBundle = Record<string, unknown>;

/** One output of a cell, which can be replaced. */
interface DisplayHandle {
  /** The id by which other messages name this output. */
  readonly id: string;
  /** Shows another value in its place. */
  update(value: unknown): void;
}

interface DisplayFunction {
  /**
   * Shows a value under the cell: tables for frames, plots for plotly figures, images for image bytes, text for the rest.
   * A type shows itself by a method `[Symbol.for('Jupyter.display')]()` that returns its forms by MIME type.
   *
   * @example const bar = display('0 of 10'); bar.update('1 of 10')
   */
  (value: unknown, options?: { id?: string; metadata?: Record<string, unknown> }): DisplayHandle;
  /** Shows HTML; escape what is not yours. */
  html(text: string): DisplayHandle;
  /** Shows Markdown. */
  markdown(text: string): DisplayHandle;
  /** Shows an SVG drawing. */
  svg(text: string): DisplayHandle;
  /** Shows a value in the forms given, by MIME type. */
  mime(bundle: MimeBundle, metadata?: Record<string, unknown>): DisplayHandle;
  /** Says how values of a type that is not yours are shown. */
  register<T>(matches: (value: unknown) => value is T, render: (value: T) => MimeBundle): void;
}

/** Shows a value under the cell. */
declare const display: DisplayFunction;

/** Takes the outputs of the cell away, with `wait` only when the next one comes. */
declare function clearOutput(wait?: boolean): void;

/**
 * Whether the stop button was pressed since the cell began: a loop that asks ends in good order.
 *
 * @example while (!interrupted()) await step()
 */
declare function interrupted(): boolean;

/** The same as a signal, for functions that take one: aborted when the stop button is pressed. */
declare const interruptSignal: AbortSignal;

/** Where the notebook is. */
interface ImportMeta {
  readonly dirname: string;
  readonly filename: string;
  url: string;
  resolve(specifier: string): string;
}
