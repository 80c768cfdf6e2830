// A command's help as a terminal shows it: long descriptions and examples go on below where they began.
import { stripVTControlCharacters } from 'node:util';

/** Wider lines are hard to read, and a pipe has no width. */
const WIDEST = 100;
/** A description is given this much at least, however narrow the window is. */
const NARROWEST = 24;
/** Of the further lines of a command. */
const INDENT = 6;

/** The width of the terminal, as far as help uses it. */
export const helpWidth = () => Math.min(process.stdout.columns ?? WIDEST, WIDEST);

const visible = (text: string) => stripVTControlCharacters(text).length;

/**
 * Breaks the lines of citty's usage, whose descriptions stand in a column of their own.
 *
 * @example wrapUsage('    --seed=<N>    of all that is random', 30)
 */
export function wrapUsage(usage: string, width: number): string {
  const lines = usage.split('\n').map((line) => wrapLine(line.trimEnd(), width));
  return lines.join('\n');
}

function wrapLine(line: string, width: number): string {
  if (visible(line) <= width) return line;
  // the name of an option and what it does; else the usage itself, or a sentence
  const [, head = '', text = line] = /^(\s*\S+\s{2,})(\S.*)$/.exec(line) ?? [];
  const indent = head === '' ? 2 : visible(head);
  return head + fill(text.split(' '), Math.max(width - indent, NARROWEST)).join(`\n${' '.repeat(indent)}`);
}

/** A command line over several lines, as a shell reads it: broken before options. */
export function wrapCommand(command: string, width: number): string {
  const room = width - INDENT - ' \\'.length;
  return fill(command.split(/ (?=--)/), room).join(` \\\n${' '.repeat(INDENT)}`);
}

/** As many parts a line as there is room for. */
function fill(parts: string[], width: number): string[] {
  const lines = [parts[0]];
  for (const part of parts.slice(1)) {
    const longer = `${lines.at(-1)} ${part}`;
    if (visible(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}
