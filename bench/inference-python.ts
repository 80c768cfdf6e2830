// The PyTorch of bench/inference: a process that reads rows when it is told to, and says how long each pass took.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import type { Rows, Times } from './inference';

export interface PythonReader {
  /** One pass that does not count, and `passes` that do. */
  read(rows: Rows, passes: number): Promise<{ times: Times; scores: number[] }>;
  stop(): void;
}

/** @param folder The model in Hugging Face's layout. */
export async function startPython(python: string, folder: string, threads: number): Promise<PythonReader> {
  const script = path.join(__dirname, 'inference.py');
  const child = spawn(python, [script, folder, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${script} ended`);
    return JSON.parse(value as string) as unknown;
  };
  await next(); // it is ready
  return {
    async read({ count, length, ids, types }, passes) {
      const request = { shape: [count, length], ids: [...ids], types: [...types], passes };
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { scores, ...times } = (await next()) as Times & { scores: number[] };
      return { times, scores };
    },
    stop: () => child.stdin.end(),
  };
}
