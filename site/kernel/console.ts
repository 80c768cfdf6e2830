// What cells print: a browser's console writes elsewhere, here it is shown under the cell.
/* eslint-disable no-console -- it is what is replaced here */
import { format, inspect } from 'node:util';
import type { Cell } from '../../kernel/cells/cell';
import { inspectTensors } from '../../kernel/show/tensor';

const PLAIN = ['log', 'info', 'debug', 'dir'] as const;
const LOUD = ['warn', 'error', 'trace'] as const;

/** Puts the console, and `process.stdout`, under the cell that prints; the browser's own has what no cell prints. */
export function captureConsole(current: () => Cell | undefined): void {
  const print = (name: 'stdout' | 'stderr', text: string, otherwise: (text: string) => void) => {
    const cell = current();
    if (cell) cell.print(name, text);
    else otherwise(text);
  };
  const replace = (method: keyof Console & string, name: 'stdout' | 'stderr') => {
    const own = (console[method] as (...values: unknown[]) => void).bind(console);
    const write = (...values: unknown[]) => {
      inspectTensors();
      const text = method === 'dir' ? inspect(values[0], values[1] as object) : format(...values);
      print(name, `${indent}${text.replaceAll('\n', `\n${indent}`)}\n`, own);
    };
    Object.assign(console, { [method]: write });
  };
  let indent = '';
  for (const method of PLAIN) replace(method, 'stdout');
  for (const method of LOUD) replace(method, 'stderr');
  console.group = (...values: unknown[]) => {
    if (values.length > 0) console.log(...values);
    indent += '  ';
  };
  console.groupEnd = () => (indent = indent.slice(2));
  for (const name of ['stdout', 'stderr'] as const) {
    const write = (text: unknown) => {
      print(name, String(text), () => undefined);
      return true;
    };
    Object.defineProperty(process, name, { value: { write, isTTY: false }, configurable: true });
  }
  addTimers();
}

/** `console.time` and the rest of what Node writes to stdout. */
function addTimers(): void {
  const began = new Map<string, number>();
  const told = (label: string) => `${label}: ${(performance.now() - (began.get(label) ?? NaN)).toFixed(3)}ms`;
  console.time = (label = 'default') => void began.set(label, performance.now());
  console.timeLog = (label = 'default', ...values: unknown[]) => console.log(told(label), ...values);
  console.timeEnd = (label = 'default') => {
    console.log(told(label));
    began.delete(label);
  };
  console.table = (rows: unknown) => console.log(rows);
}
