// `npm run test:faults`: the long form of the fault harness, or the parts of it that are named; figures to runs/faults.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { downloadFaults } from './downloads';
import type { Form, Row } from './tally';
import { tableText } from './tally';

const PARTS: Record<string, (form: Form) => Promise<Row[]>> = {
  downloads: downloadFaults,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '20' }, short: { type: 'boolean', default: false } },
});

async function main(): Promise<void> {
  const form = { seed: Number(values.seed), isLong: !values.short };
  const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
  const folder = path.resolve(__dirname, '..', '..', 'runs', 'faults');
  fs.mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const began = process.cpuUsage();
    const rows = await PARTS[name](form);
    const { user, system } = process.cpuUsage(began);
    const report = { part: name, ...form, node: process.version, system: os.platform(), cpuSeconds: (user + system) / 1e6, rows }; // prettier-ignore
    fs.writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(tableText(`${name} (seed ${form.seed}, ${report.cpuSeconds.toFixed(0)} s of CPU here)`, rows));
    if (rows.some(({ lost }) => lost.length > 0)) process.exitCode = 1;
  }
}

void main();
