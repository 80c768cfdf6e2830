// `spanlab doctor`: what this machine has, and what to do about what it lacks.
import { defineCommand } from 'citty';
import { cacheFolder } from '../root';
import { examine } from '../setup/examine';
import { megabytes } from '../setup/folder';
import { factLines } from '../show/text-table';
import { jsonOption } from './options';
import { printResult } from './result';

export default defineCommand({
  args: { json: jsonOption },
  run({ args }) {
    const { problems, skipped, diskBytes, ...facts } = examine();
    const shown: [string, string | number][] = Object.entries(facts).map(([name, fact]) => [name, fact ?? 'none']);
    const lines = [
      ...skipped.map(({ name, reason }) => `not used: ${name} (${reason})\n`),
      ...problems.map((problem) => `problem: ${problem}\n`),
    ];
    const table = factLines([...shown, ['disk', `${megabytes(diskBytes)} in ${cacheFolder()}`]]);
    printResult({ ...facts, disk_bytes: diskBytes, skipped, problems }, args.json, [table, ...lines].join(''));
  },
});
