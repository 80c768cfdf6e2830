// `--columns question=query_text,…`: which of a file's fields is which, and the other options of files of questions.
import type { ArgsDef } from 'citty';
import { type ColumnMap, MAPPABLE } from '../squad/fields';
import type { SourceOptions } from '../squad/source';
import { UsageError } from './usage';

export const fileOptions = {
  columns: {
    type: 'string',
    description: 'names of columns or fields in the data: question=…,context=…,answer=… (or their numbers)',
  },
  encoding: {
    type: 'string',
    description: 'encoding of the file, if it is detected wrongly: windows-1251, shift_jis, …',
  },
} as const satisfies ArgsDef;

/** What the options say. @throws UsageError */
export function sourceOptions({ columns, encoding }: { columns?: string; encoding?: string }): SourceOptions {
  return { columns: columns === undefined ? undefined : parseColumns(columns), encoding };
}

/** A comma between quotes is part of a name. */
const pairsOf = (text: string) => text.match(/(?:=\s*(?:'[^']*'|"[^"]*")\s*(?=,|$)|[^,])+/g) ?? [''];

/**
 * Reads `question=query_text,context=body`; a name with commas stands between quotes: `question='Question, short'`.
 *
 * @throws UsageError
 * @example parseColumns('question=ask').question // 'ask'
 */
export function parseColumns(text: string): ColumnMap {
  const map: ColumnMap = {};
  for (const pair of pairsOf(text)) {
    const [, ours, written] = /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(pair) ?? [];
    const theirs = written?.replace(/^(['"])([^]*)\1$/, '$2');
    const known = MAPPABLE.find((name) => name === ours);
    if (known === undefined) {
      const names = MAPPABLE.join(', ');
      throw new UsageError(`--columns has ${JSON.stringify(pair)}; write question=THEIR_NAME,… for any of ${names}`);
    }
    if (map[known] !== undefined) throw new UsageError(`--columns names ${known} twice; give each name once`);
    map[known] = theirs;
  }
  return map;
}
