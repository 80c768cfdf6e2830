// What `error.stack` says: places in cells, whatever is done with the text, and no frames of ours. V8 asks for the text when it is
// first read, and leaves it at its own words where a stack has overflowed. Whoever sets `Error.prepareStackTrace` is asked in our place.
import { attempt } from './reading';
import { cellSites } from './sites';
import { isOfCells, readableFrame, withWrittenNames } from './stacks';

type Prepare = (error: Error, sites: NodeJS.CallSite[]) => unknown;

/** To be called once, before the first cell. */
export function installStacks(): void {
  // the first versions of Node 20 do not give their own
  const native = (Error.prepareStackTrace as Prepare | undefined) ?? plainly;
  const ours: Prepare = (error, sites) => readable(native(error, sites), native(error, []));
  let own: unknown;
  Object.defineProperty(Error, 'prepareStackTrace', {
    get: () => own ?? ours,
    set: (wanted: unknown) => (own = typeof wanted === 'function' ? withCellSites(wanted as Prepare) : undefined),
    configurable: true,
  });
  function withCellSites(wanted: Prepare): Prepare {
    if (wanted === ours || given.has(wanted)) return wanted;
    const prepare: Prepare = (error, sites) => wanted.call(Error, error, cellSites(sites));
    given.add(prepare);
    return prepare;
  }
}

/** What this has made of what cells have set: they may set it again. */
const given = new WeakSet<Prepare>();

/** @param head What of the text is no frame. */
function readable(stack: unknown, head: unknown): unknown {
  if (typeof stack !== 'string' || typeof head !== 'string' || !stack.startsWith(head)) return stack;
  const frames = stack.slice(head.length).split('\n').slice(1);
  if (!frames.some(isOfCells)) return stack;
  return [withWrittenNames(head), ...frames.flatMap((frame) => readableFrame(frame) ?? [])].join('\n');
}

function plainly(error: Error, sites: NodeJS.CallSite[]): string {
  const head = attempt(() => Error.prototype.toString.call(error)) ?? 'Error';
  return [head, ...sites.map((site) => `    at ${String(site)}`)].join('\n');
}
