// What can be read of anything that was thrown. It is a person's value: its getters, its proxy's traps and its hooks may throw,
// and what tells of a failure must not fail by them.
import { inspect } from 'node:util';

/** The longest text that is shown of a message. */
const MAX_LENGTH = 100_000;
/** The part of a stack that is looked at: its last lines are frames, whatever the message before them. */
const MAX_STACK = 200_000;

/** What `look` finds, or nothing where it throws. */
export function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** A property, whatever reading it does; nothing where that throws. */
export function property(value: unknown, name: string): unknown {
  return attempt(() => (value as Record<string, unknown>)[name]);
}

/** A property that has to be text. */
export function textProperty(value: unknown, name: string): string | undefined {
  const found = property(value, name);
  if (found === undefined || found === null) return undefined;
  if (typeof found !== 'object' && typeof found !== 'function') return shortened(String(found));
  return asText(found);
}

/** A value as Node shows it. */
export function asText(value: unknown): string {
  const text =
    attempt(() => inspect(value)) ?? attempt(() => inspect(value, { customInspect: false, showProxy: true }));
  return shortened(text ?? 'a value that cannot be shown');
}

/** The lines of a stack that are frames. */
export function framesOf(error: unknown): string[] {
  const stack = property(error, 'stack');
  if (typeof stack !== 'string') return [];
  return stack
    .slice(-MAX_STACK)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
}

function shortened(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH)}… (${text.length - MAX_LENGTH} more characters)`;
}
