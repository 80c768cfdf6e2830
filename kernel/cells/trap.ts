// Where code is held until it is ended by force. Its end may come at any moment, also where V8 calls Node to tell of a rejected
// promise: there Node swallows it, V8 takes it for done, and a loop of awaits that catches goes on for ever. So code that makes a
// promise, or goes on behind one, is held there until the end comes.
import path from 'node:path';
import { promiseHooks } from 'node:v8';

const KERNEL = path.resolve(__dirname, '..') + path.sep;
/** What makes its promises outside of JavaScript, where Node or V8 would swallow the end, too. */
const OUTSIDE = /\bnode:|\b(WebAssembly|Atomics)\./;

/**
 * To be called shortly before the end.
 *
 * @param frames What runs at the moment, as V8 has it.
 * @param isOver Whether the end has come, or will not.
 * @returns Whether code is held by now.
 */
export function trapPromises(frames: () => string[], isOver: () => boolean): () => boolean {
  let isHeld = false;
  const hold = () => {
    isHeld = true;
    while (!isOver());
    remove();
  };
  const remove = promiseHooks.createHook({
    init: () => isMadeByCode(frames()) && hold(),
    before: hold,
  }) as () => void;
  return () => isHeld;
}

/** Whether a promise is made by a person's JavaScript; the frames of this, and of what calls it, are the kernel's and Node's. */
function isMadeByCode(frames: string[]): boolean {
  const isOfTrap = (frame: string) => frame.includes(__filename) || /\binternal\/promise_hooks\b/.test(frame);
  const maker = frames.slice(1).find((frame) => !isOfTrap(frame));
  return maker !== undefined && !OUTSIDE.test(maker) && !maker.includes(KERNEL);
}
