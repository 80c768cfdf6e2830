// What a person sees: results on stdout, everything else on stderr. Texts of files and arguments cannot command the terminal.
import { terminalText } from './printable';

/**
 * Writes a text to stdout, as it is: with its line ends.
 *
 * @example tell('3 questions kept.\n')
 */
export function tell(text: string): void {
  process.stdout.write(terminalText(text));
}

/**
 * Writes a line to stderr.
 *
 * @example say('mine.csv: read as Windows-1252')
 */
export function say(line: string): void {
  process.stderr.write(`${terminalText(line)}\n`);
}
