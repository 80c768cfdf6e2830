// What every cell has without an import: `display`, `html`, `svg`, `md`, `clearOutput`, `interrupted`, `interruptSignal`.
import { randomUUID } from 'node:crypto';
import { DisplayHandle } from './cells/cell';
import type { Session } from './cells/session';
import type { Comms } from './comms';
import type { Bundle } from './show/forms';
import { registerDisplay, toBundle } from './show/bundle';
import { serverDocument } from './show/document';
import { renderFrame, tableOf } from './show/frame';
import { createTag } from './show/tagged';
import { type SliderOptions, Slider } from './slider';
import { setDisplay } from './tslab';

/** Puts the globals of `types/notebook` in their place. */
export function installGlobals(session: Session, comms: Comms): void {
  const mime = (bundle: Bundle, metadata?: Record<string, unknown>) => show(session, withDisplay(bundle), { metadata });
  const display = Object.assign((value: unknown, options?: ShowOptions) => show(session, value, options), {
    html: (text: string) => mime({ 'text/html': text }),
    markdown: (text: string) => mime({ 'text/markdown': text }),
    svg: (text: string) => mime({ 'image/svg+xml': text, 'text/plain': '(drawing)' }),
    mime,
    table: (rows: readonly object[]) => mime(renderFrame(tableOf(rows))),
    slider: (options: SliderOptions = {}) => {
      const slider = new Slider(comms, options);
      show(session, slider);
      return slider;
    },
    register: registerDisplay,
    comms,
  });
  Object.defineProperty(display, 'document', { get: serverDocument });
  const [html, svg, md] = (['html', 'svg', 'md'] as const).map(createTag);
  define({
    html: { value: html, writable: true },
    svg: { value: svg, writable: true },
    md: { value: md, writable: true },
  });
  const clearOutput = (wait = false) => session.current?.publish('clear_output', { wait });
  define({ display: { value: display }, clearOutput: { value: clearOutput } });
  define({
    interrupted: { value: () => session.stops.isStopped },
    interruptSignal: { get: () => session.stops.signal },
  });
  // what the debugger shows a variable by
  define({ [Symbol.for('spanlab.kernel.bundle')]: { value: (value: unknown) => atOnce(toBundle(value)) } });
  setDisplay(({ data, transient }, update) => {
    const id = transient?.display_id ?? randomUUID();
    session.current?.showBundle(data, id, update, {});
  });
}

interface ShowOptions {
  id?: string;
  update?: boolean;
  metadata?: Record<string, unknown>;
}

function show(session: Session, value: unknown, { id, update = false, metadata }: ShowOptions = {}) {
  const shown = session.current?.show(value, id, update, metadata) ?? '';
  return new DisplayHandle(shown, (next) => void session.current?.show(next, shown, true, metadata));
}

function withDisplay(bundle: Bundle): object {
  return { [Symbol.for('Jupyter.display')]: () => bundle };
}

function define(properties: PropertyDescriptorMap): void {
  for (const property of Object.values(properties)) property.configurable = true;
  Object.defineProperties(globalThis, properties);
}

/** A debugger cannot wait: nothing else runs. */
function atOnce(bundle: Bundle | Promise<Bundle>): Bundle {
  return bundle instanceof Promise ? { 'text/plain': 'shown later' } : bundle;
}
