// `spanlab doctor`: what this machine has, and what to do about what it lacks.
import { defineCommand } from 'citty';
import { cacheFolder } from '../root';
import { examine } from '../setup/examine';
import { megabytes } from '../setup/folder';
import { jsonOption } from './options';
import { printResult } from './result';

export default defineCommand({
  args: { json: jsonOption },
  run({ args }) {
    const { problems, skipped, diskBytes, ...facts } = examine();
    if (args.json) return printResult({ ...facts, disk_bytes: diskBytes, skipped, problems }, true);
    const shown = Object.entries(facts).map(([name, fact]) => [name, fact ?? 'none']);
    printResult({ ...Object.fromEntries(shown), disk: `${megabytes(diskBytes)} in ${cacheFolder()}` });
    for (const { name, reason } of skipped) process.stdout.write(`not used: ${name} (${reason})\n`);
    for (const problem of problems) process.stdout.write(`problem: ${problem}\n`);
  },
});
