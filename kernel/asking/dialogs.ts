// The dialogs of browsers, which lib.dom.d.ts promises to every cell.
import type { Person } from './person';

/** Puts `prompt`, `confirm` and `alert` in their place. */
export function installDialogs(person: Person): void {
  /** An empty answer is the default, as where it stands in the field already. */
  const prompt = (message = '', preset?: string): string | null => {
    const answer = person.askNow(preset === undefined ? String(message) : `${message} [${preset}] `);
    return answer === '' && preset !== undefined ? String(preset) : answer;
  };
  const confirm = (message = ''): boolean => /^\s*y(es)?\s*$/i.test(person.askNow(`${message} [y/N] `));
  const alert = (message = ''): void => void person.askNow(`${message} [Enter] `);
  for (const [name, value] of Object.entries({ prompt, confirm, alert })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
