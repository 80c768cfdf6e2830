// `spanlab runs`: the runs in a folder side by side.
import fs from 'node:fs';
import { defineCommand } from 'citty';
import { runsText } from '../show/runs-table';
import { type RunSummary, findRuns, noRuns, summarizeRuns } from '../training/runs';
import { jsonOption } from './options';
import { printResult } from './result';
import { UsageError } from './usage';
import { say } from '../terminal';

/** Where the commands and notebooks of the documentation leave their runs. */
const HOMES = ['models', 'runs'];
const SORTS = ['name', 'started', 'loss', 'exact', 'f1'];

export default defineCommand({
  args: {
    folder: {
      type: 'positional',
      description: `folder that holds runs, or one run; by default ${HOMES.join(' and ')}`,
      required: false,
    },
    sort: { type: 'string', description: `sort by ${SORTS.join(', ')}; best or newest first`, default: 'started' },
    json: jsonOption,
  },
  run({ args }) {
    if (!SORTS.includes(args.sort)) throw new UsageError(`--sort is "${args.sort}"; it takes ${SORTS.join(', ')}`);
    const runs = summarizeRuns(findRuns(...places(args.folder))).sort(order(args.sort));
    printResult(runs, args.json, runsText(runs));
    sayDamaged(runs);
  },
});

/** Which runs have records that cannot be read, and what to do. */
export function sayDamaged(runs: RunSummary[]): void {
  for (const { problem } of runs) if (problem !== undefined) say(`warning: ${problem}`);
}

/** What is looked into. @throws TrainingError `E_RUN` where there is nothing yet */
function places(folder: string | undefined): string[] {
  if (folder !== undefined) return [folder];
  const there = HOMES.filter((home) => fs.existsSync(home));
  if (there.length === 0) throw noRuns(HOMES);
  return there;
}

/** Best or newest first; runs without the number come last. */
export function order(by: string): (a: RunSummary, b: RunSummary) => number {
  if (by === 'name') return (a, b) => a.name.localeCompare(b.name);
  if (by === 'started') return (a, b) => b.started.localeCompare(a.started);
  const rank = (run: RunSummary) => (by === 'loss' ? (run.loss ?? Infinity) : -(run.metrics[by] ?? -Infinity));
  return (a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name);
}
