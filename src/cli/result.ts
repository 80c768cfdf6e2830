// How a command prints its result: JSON for programs, aligned lines for people.

/** Writes `result` to stdout. */
export function printResult(result: Record<string, unknown> | unknown[], json = false): void {
  process.stdout.write(json ? JSON.stringify(result) + '\n' : lines(result));
}

function lines(result: Record<string, unknown> | unknown[]): string {
  const entries = Object.entries(result).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${format(value)}\n`).join('');
}

function format(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toPrecision(6).replace(/\.?0+$/, '');
  if (Array.isArray(value)) return value.map(format).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
