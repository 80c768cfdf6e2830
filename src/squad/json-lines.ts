// The records of JSON Lines: an object a line, and what people have in the place of one.
import { notJson } from '../json-file';
import { parseExactly } from './exact-json';
import type { SourceRow } from './forms/form';
import { type Item, itemsIn } from './json-sequence';
import { asPython, noteLoose, noteRepeated, readLoosely } from './loose-json';
import type { Problem } from './problem';

/** What stands between lines that were cut out of a list. */
const AT_END = /,\s*$/;

/** Whether the first line is an object by itself, and more follow. JSON has U+2028 within lines, which `.` takes for an end. */
export function isSeveralLines(text: string): boolean {
  const [, line] = /^(?:\s*\/\/[^\r\n]*[\r\n])*\s*([^\r\n]*\S)[^\S\r\n]*(?:\r\n|\n|\r)\s*\S/.exec(text) ?? [];
  const first = line?.replace(AT_END, '');
  if (first === undefined || !/^[[{][^]*[\]}]$/.test(first)) return false;
  try {
    return typeof (JSON.parse(first) ?? asPython(first)) === 'object';
  } catch {
    return asPython(first) !== undefined;
  }
}

/** The records of all lines. @param problems Gets what was put up with, and lines that cannot be read. */
export function lineRows(text: string, file: string, problems: Problem[]): SourceRow[] {
  const rows: SourceRow[] = [];
  let isNumbered = true;
  text.split(/\r\n|\n|\r/).forEach((whole, i) => {
    const found = lineOf(whole, i + 1, file, problems);
    if (found.length > 1) isNumbered = false;
    rows.push(...found);
  });
  if (!isNumbered) rows.forEach((row, i) => (row.number = i + 1));
  return rows;
}

/** The record of a line: none where it is empty, or cannot be read; several where their line ends were lost. */
function lineOf(whole: string, number: number, file: string, problems: Problem[]): SourceRow[] {
  const path = `line ${number}`;
  if (whole.trim() === '') return [];
  const line = plainLine(whole, path, problems);
  if (line === '') return [];
  try {
    const value = parseExactly(line);
    noteRepeated(line, path, problems);
    return [{ path, number, value }];
  } catch (error) {
    const read = readLoosely(line, true);
    if (read !== undefined) {
      noteLoose(read, path, problems);
      return [{ path, number, value: read.value }];
    }
    const items = itemsIn(line, file);
    const what = items === undefined ? notJson(line, error) : `it has ${items.length} objects: each is read by itself`;
    problems.push({ kind: 'format', path, what, remedy: items === undefined ? 'left out' : 'mended' });
    return itemRows(items ?? [], `${path}, object`, problems).map((row) => ({ ...row, number }));
  }
}

/** A line without what JSON Lines does not have: a mark before it, a comma after it, a comment in its place. */
function plainLine(whole: string, path: string, problems: Problem[]): string {
  const say = (kind: Problem['kind'], what: string) => problems.push({ kind, path, what, remedy: 'mended' });
  const unmarked = whole.replace(/^\ufeff+/, '');
  if (unmarked !== whole) say('byte-order mark', 'the line begins with a byte-order mark, which JSON does not allow');
  if (/^\s*\/\//.test(unmarked)) {
    say('format', 'a comment, which JSON Lines does not have');
    return '';
  }
  const line = unmarked.replace(AT_END, '');
  if (line !== unmarked) say('format', 'a comma after the object, which JSON Lines does not have');
  return line;
}

/** The records of objects that follow one another, those that can be read. @param name What one of them is called. */
export function itemRows(items: Item[], name: string, problems: Problem[]): SourceRow[] {
  return items.flatMap(({ text, value, loose, broken }, i) => {
    const path = `${name} ${i + 1}`;
    if (broken !== undefined) {
      problems.push({ kind: 'format', path, what: broken, remedy: 'left out' });
      return [];
    }
    if (loose) noteLoose(loose, path, problems);
    else noteRepeated(text, path, problems);
    return [{ path, number: i + 1, value }];
  });
}
