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
   * @param options.id Names the output, so that it can be shown again; with `update`, in the place of the one of that name.
   * @example const bar = display('0 of 10'); bar.update('1 of 10')
   */
  (value: unknown, options?: { id?: string; update?: boolean; metadata?: Record<string, unknown> }): DisplayHandle;
  /** Shows HTML; escape what is not yours. */
  html(text: string): DisplayHandle;
  /** Shows Markdown. */
  markdown(text: string): DisplayHandle;
  /** Shows an SVG drawing. */
  svg(text: string): DisplayHandle;
  /** Shows a value in the forms given, by MIME type. */
  mime(bundle: MimeBundle, metadata?: Record<string, unknown>): DisplayHandle;
  /** Shows rows as a table. @example display.table([{ step: 1, loss: 4.2 }, { step: 2, loss: 3.9 }]) */
  table(rows: readonly object[]): DisplayHandle;
  /**
   * Shows a slider, which goes on moving when the cell has ended; other cells read its `value`.
   *
   * @example const rate = display.slider({ label: 'learning rate', min: 0, max: 1, step: 0.1 }); // then: rate.value
   */
  slider(options?: { label?: string; min?: number; max?: number; step?: number; value?: number }): Slider;
  /**
   * A document to draw in, for libraries that want a browser's.
   *
   * @example Plot.plot({ document: display.document, marks: [Plot.dot(rows, { x: 'step', y: 'loss' })] })
   */
  readonly document: Document;
  /** Jupyter's channels to what runs at the front end. */
  readonly comms: Comms;
  /** Says how values of a type that is not yours are shown. */
  register<T>(matches: (value: unknown) => value is T, render: (value: T) => MimeBundle): void;
}

interface Slider {
  /** Where the slider stands; setting it moves it. */
  value: number;
  /** Calls `listener` whenever the value changes. */
  onChange(listener: (value: number) => void): this;
  /** Takes the slider away. */
  close(): void;
}

interface Comms {
  /** Opens a channel to what the front end knows as `target`. */
  start(target: string, data: Record<string, unknown>): Comm;
  /** Says what to do when the front end opens a channel to `target`. */
  register(target: string, use: (comm: Comm, data: Record<string, unknown>) => void): void;
}

interface Comm {
  readonly id: string;
  readonly target: string;
  onMessage: (data: Record<string, unknown>, buffers: Uint8Array[]) => void;
  onClose: (data: Record<string, unknown>) => void;
  send(data: Record<string, unknown>, extra?: { metadata?: Record<string, unknown>; buffers?: Uint8Array[] }): void;
  close(): void;
}

/** Text that is shown as what it is. */
interface Tagged {
  readonly text: string;
  toString(): string;
}

/** A tag for templates: values that are put in are escaped, unless they come from a tag themselves; lists are joined. */
type Tag = (strings: TemplateStringsArray, ...values: unknown[]) => Tagged;

/** HTML as a value. @example html`<b>${name}</b>` */
declare const html: Tag;
/** A drawing as a value. @example svg`<svg viewBox="0 0 9 9"><circle r="${radius}"/></svg>` */
declare const svg: Tag;
/** Markdown as a value. @example md`**${count}** questions` */
declare const md: Tag;

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
