// What `error.stack` says: the places of cells, whatever is done with the text, and no frames of ours. V8 asks for the text when
// it is first read. Whoever sets `Error.prepareStackTrace` is asked in our place, as in Node.
import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { property } from './reading';
import { readableFrame, withWrittenNames } from './stacks';

type Prepare = (error: Error, frames: unknown[]) => string;

/** The stacks that were told, and the frames as V8 has them, of which a traceback shows more. */
const told = new WeakMap<object, { stack: string; frames: string[] }>();

/** To be called once, before the first cell. */
export function installStacks(): void {
  const native = (Error.prepareStackTrace as Prepare | undefined) ?? plainly;
  const prepare = (error: Error, sites: NodeJS.CallSite[]) => tell(native, error, sites);
  let own: unknown;
  Object.defineProperty(Error, 'prepareStackTrace', {
    get: () => (typeof own === 'function' ? own : prepare),
    set: (wanted: unknown) => (own = wanted),
    configurable: true,
  });
}

/** The frames of an error as V8 has them, unless its stack is no longer the one that was told. */
export function toldFrames(error: object): string[] | undefined {
  const found = told.get(error);
  return found && found.stack === property(error, 'stack') ? found.frames : undefined;
}

function tell(native: Prepare, error: Error, sites: NodeJS.CallSite[]): string {
  const frames = sites.map((site) => `    at ${inSource(site)}`);
  const shown = frames.flatMap((frame) => readableFrame(frame)?.replace(/^ +at /, '') ?? []);
  const head = native(error, []);
  const stack = [withWrittenNames(head), ...shown].join('\n    at ');
  told.set(error, { stack, frames });
  return stack;
}

/** A frame in the words of V8, by the source map of its file where it has one. */
function inSource(site: NodeJS.CallSite): string {
  const text = String(site);
  const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
  if (!file || line === null || column === null) return text;
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry)) return text;
  const source = entry.originalSource.startsWith('file:') ? fileURLToPath(entry.originalSource) : entry.originalSource;
  const place = `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  return text.replace(`${file}:${line}:${column}`, () => place);
}

/** The older versions of Node 20 do not give their own. */
function plainly(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}
