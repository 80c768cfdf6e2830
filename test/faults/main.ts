// `npm run test:faults`: the long form of the fault harness, or the parts of it that are named; figures to runs/faults. `--share 2/8` tries
// the second eighth of the writes at which a disk is full.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBackend } from '../engine/backend';
import { checkpointFaults } from './checkpoints';
import { downloadFaults } from './downloads';
import { idleKernel } from './idle-kernel';
import { machineFaults } from './machines';
import { serveLoad } from './serve-load';
import { type Form, type Row, tableText } from './tally';

const PARTS: Record<string, (form: Form) => Promise<Row[]>> = {
  downloads: downloadFaults,
  checkpoints: checkpointFaults,
  machines: machineFaults,
  kernel: idleKernel,
  serve: serveLoad,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '20' },
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    share: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const form = {
    seed: Number(values.seed),
    isLong: !values.short,
    share: values.share?.split('/').map(Number) as [number, number] | undefined,
    only: values.only === undefined ? undefined : new RegExp(values.only),
  };
  const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
  await startBackend();
  const folder = path.resolve(__dirname, '..', '..', 'runs', 'faults');
  fs.mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const began = process.cpuUsage();
    const rows = await PARTS[name]({ ...form, onRow: ({ what }) => process.stderr.write(`${what}: done\n`) });
    const { user, system } = process.cpuUsage(began);
    const report = { part: name, seed: form.seed, isLong: form.isLong, node: process.version, system: os.platform(), cpuSeconds: (user + system) / 1e6, rows }; // prettier-ignore
    fs.writeFileSync(
      path.join(folder, `${name}${values.only ? '-again' : ''}.json`),
      `${JSON.stringify(report, null, 2)}\n`,
    );
    process.stdout.write(tableText(`${name} (seed ${form.seed}, ${report.cpuSeconds.toFixed(0)} s of CPU here)`, rows));
    if (rows.some(({ lost }) => lost.length > 0)) process.exitCode = 1;
  }
}

void main();
