// Runs the tests with Node's own runner: all of them, or those whose path holds one of the arguments.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
const filters = process.argv.slice(2);
const files = fs
  .readdirSync(root, { recursive: true })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => path.join(root, file))
  .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
  .sort();

if (files.length === 0) {
  console.error(`no test file matches ${filters.join(', ')}`);
  process.exit(1);
}
// the test processes inherit the loader
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=tsx`.trim();
const failed = [];
run({ files, concurrency: Math.max(1, Math.min(4, os.availableParallelism())) })
  .on('test:fail', (event) => failed.push(event.name))
  .on('end', () => {
    process.exitCode = failed.length > 0 ? 1 : 0;
  })
  .compose(spec)
  .pipe(process.stdout);
