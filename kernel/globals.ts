// What every cell has without an import: `display`, `clearOutput`, `interrupted`, `interruptSignal`.
import { randomUUID } from 'node:crypto';
import { DisplayHandle } from './cells/cell';
import type { Session } from './cells/session';
import type { Bundle } from './show/forms';
import { registerDisplay } from './show/bundle';
import { setDisplay } from './tslab';

/** Puts the globals of `types/notebook` in their place. */
export function installGlobals(session: Session): void {
  const mime = (bundle: Bundle, metadata?: Record<string, unknown>) => show(session, withDisplay(bundle), { metadata });
  const display = Object.assign((value: unknown, options?: ShowOptions) => show(session, value, options), {
    html: (text: string) => mime({ 'text/html': text, 'text/plain': text.replace(/<[^>]*>/g, '') }),
    markdown: (text: string) => mime({ 'text/markdown': text, 'text/plain': text }),
    svg: (text: string) => mime({ 'image/svg+xml': text, 'text/plain': '(drawing)' }),
    mime,
    register: registerDisplay,
  });
  const clearOutput = (wait = false) => session.current?.publish('clear_output', { wait });
  define({ display: { value: display }, clearOutput: { value: clearOutput } });
  define({ interrupted: { value: () => session.isStopped() }, interruptSignal: { get: () => session.stopSignal } });
  setDisplay(({ data, transient }, update) => {
    const id = transient?.display_id ?? randomUUID();
    session.current?.showBundle(data, id, update, {});
  });
}

interface ShowOptions {
  id?: string;
  metadata?: Record<string, unknown>;
}

function show(session: Session, value: unknown, { id, metadata }: ShowOptions = {}) {
  const shown = session.current?.show(value, id, false, metadata) ?? '';
  return new DisplayHandle(shown, (next) => void session.current?.show(next, shown, true, metadata));
}

function withDisplay(bundle: Bundle): object {
  return { [Symbol.for('Jupyter.display')]: () => bundle };
}

function define(properties: PropertyDescriptorMap): void {
  for (const property of Object.values(properties)) property.configurable = true;
  Object.defineProperties(globalThis, properties);
}
