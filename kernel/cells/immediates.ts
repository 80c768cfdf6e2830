// Immediates that an end by force has lost: Node runs those of one turn in a row, and code that is ended by force in one of them
// takes the others along, but Node goes on counting them, and its event loop turns without a pause for ever.
import { clearImmediate, setImmediate, setTimeout } from 'node:timers';

const waiting = new Set<NodeJS.Immediate>();

/** `setImmediate`, noted. */
export function startImmediate(callback: () => void): NodeJS.Immediate {
  const immediate = setImmediate(() => {
    waiting.delete(immediate);
    callback();
  });
  waiting.add(immediate);
  return immediate;
}

/** `clearImmediate`. */
export function dropImmediate(immediate: NodeJS.Immediate | undefined): void {
  if (immediate) waiting.delete(immediate);
  clearImmediate(immediate);
}

/** To be called when code is ended by force: what has not come two turns later never will. */
export function dropLostImmediates(): void {
  const before = [...waiting];
  const drop = () => before.filter((immediate) => waiting.has(immediate)).forEach(dropImmediate);
  setTimeout(() => setTimeout(drop, 1), 1);
}
