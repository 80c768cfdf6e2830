// Counts of the importer beside those of data.py, file by file:
//
//   node --import tsx test/reference/data.ts --files 1000      of each form, made from seeds; and of the files that are named
//   node --import tsx test/reference/data.ts --write           stores Python's counts of the files that the tests make
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FORMS } from '../../src/squad/forms';
import { importData } from '../../src/squad/import';
import { type Counts, countsOf } from '../squad/counts';
import { makeFile } from '../squad/generate';

/** How many files of each form the default tests make. */
export const TESTED = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: 'string', default: '1000' }, write: { type: 'boolean', default: false } },
});

function pythonCounts(files: string[]): Map<string, Counts> {
  const { stdout, stderr, status } = spawnSync('python3', [path.join(__dirname, 'data.py')], { input: files.join('\n'), encoding: 'utf8', maxBuffer: 1 << 30 }); // prettier-ignore
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Counts & { file: string }); // prettier-ignore
  return new Map(lines.map(({ file, ...counts }) => [file, counts]));
}

function main(): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-data-'));
  const stored: Record<string, Counts[]> = {};
  let [same, different] = [0, 0];
  const compare = (files: string[]) => {
    for (const [file, counts] of pythonCounts(files)) {
      const ours = countsOf(importData(file));
      if (JSON.stringify(ours) === JSON.stringify(counts)) same++;
      else if (++different <= 10) console.log(file, 'spanlab', JSON.stringify(ours), 'python', JSON.stringify(counts));
    }
  };
  for (const form of FORMS) {
    const count = values.write ? TESTED : Number(values.files);
    const files = Array.from({ length: count }, (_, seed) => {
      const { name, bytes } = makeFile(form, seed);
      fs.writeFileSync(path.join(folder, name), bytes);
      return path.join(folder, name);
    });
    if (values.write) stored[form.name] = [...pythonCounts(files).values()];
    else compare(files);
  }
  if (values.write) fs.writeFileSync(path.join(__dirname, 'data.json'), `${JSON.stringify(stored)}\n`);
  else if (positionals.length > 0) compare(positionals);
  console.log(values.write ? 'stored' : `${same} files with equal counts, ${different} with others; kept in ${folder}`);
  if (different === 0) fs.rmSync(folder, { recursive: true });
  process.exitCode = different === 0 ? 0 : 1;
}

main();
