// Rows as aligned columns of text, for a terminal.

/** A row of a table; all rows have the same columns. */
export type TextRow = Record<string, string | number>;

/**
 * Rows as aligned columns under their names: numbers, also with decimals or followed by a `%`, to the right.
 *
 * @example textTable([{ '': 'all questions', F1: '39.7 %' }])
 */
export function textTable(rows: TextRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const toTheRight = names.map((name) => rows.some((row) => isNumeric(row[name])));
  const line = (cells: string[]) =>
    cells.map((cell, i) => (toTheRight[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ');
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))].map(line);
  return lines.map((each) => `${each.trimEnd()}\n`).join('');
}

/**
 * Names and what they stand for, a line each, aligned.
 *
 * @example factLines([['node', 'v20.0.0']]) // 'node  v20.0.0\n'
 */
export function factLines(facts: [name: string, fact: string | number][]): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, fact]) => `${name.padEnd(width)}  ${fact}\n`).join('');
}

/** Whether a cell stands on the right: a number, also as text and followed by a `%`. */
export function isNumeric(cell: unknown): boolean {
  return typeof cell === 'number' || (typeof cell === 'string' && /^[<-]?\d+(\.\d+)?( %)?$/.test(cell));
}

/**
 * A number from 0 to 100 with one decimal.
 *
 * @example percent(39.68) // '39.7 %'
 */
export function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

/**
 * A probability as a whole percentage, in words where rounding would say "never".
 *
 * @example probability(0.187) // '19 %'
 */
export function probability(value: number): string {
  if (!Number.isFinite(value)) return '? %';
  return value > 0 && value < 0.005 ? '<1 %' : `${Math.round(100 * value)} %`;
}
