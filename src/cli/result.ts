// How a command prints its result: JSON for programs, text for people.
import { tell } from '../terminal';

/**
 * Writes `result` to stdout as one line of JSON, or else `text`, which says the same in words, tables and percentages.
 *
 * @example printResult({ kept: 3 }, args.json, '3 questions kept.\n')
 */
export function printResult(result: object, json: boolean | undefined, text: string): void {
  tell(json ? `${JSON.stringify(result)}\n` : text);
}
