// Runs the tests with Node's own runner: all of them, or those whose path holds one of the arguments. With `--kind browser`,
// `--kind course`, `--kind site`, `--kind bundle` or `--kind scale` the files are *.browser.ts and so on, and run one after another.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TEN_MINUTES = 600_000;
const GIB = 1024 ** 3;

const folder = path.dirname(fileURLToPath(import.meta.url));
const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { kind: { type: 'string', default: 'test' } },
});
const files = fs
  .readdirSync(folder, { recursive: true })
  .filter((file) => file.endsWith(`.${values.kind}.ts`))
  .filter((file) => filters.length === 0 || filters.some((part) => path.join('test', file).includes(part)))
  .map((file) => path.join(folder, file))
  .sort();

if (files.length === 0) {
  console.error(`no test file matches ${filters.join(', ')}`);
  process.exit(1);
}

// the test processes inherit the loader, by its address: they may work in other folders
const loader = path.join(folder, '..', 'src', 'sources.cjs');
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --require="${loader}"`.trim();

// what tests write into the system's temporary folder goes with this run
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-tests-'));
fs.chmodSync(scratch, 0o1777); // some tests run as another user
process.env.TMPDIR = scratch;
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

// one more than there are processors, for some tests wait; a process with TensorFlow takes up to 1 GiB
const processes = Math.max(1, Math.min(4, os.availableParallelism() + 1, Math.floor(os.totalmem() / (2 * GIB))));
const concurrency = values.kind === 'test' ? processes : 1;
const count = { passed: 0, failed: 0 };
const seconds = new Map(); // of each file's tests
const isSuite = (event) => event.details.type === 'suite';

// what installs and packs takes longer than any test, and so do whole notebooks, 20,000 broken files of a kind, and an emulated machine
const isSlow = ['SPANLAB_FUZZ', 'SPANLAB_EMULATED'].some((name) => process.env[name] !== undefined);
const isLong = ['package', 'course', 'site'].includes(values.kind) || isSlow;
const timeout = isLong ? 12 * TEN_MINUTES : TEN_MINUTES;

function addTime({ nesting, file, details }) {
  if (nesting > 0 || file === undefined) return;
  seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000);
}

function printSlowest() {
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, 10);
  for (const [file, time] of slowest) console.log(`${time.toFixed(1).padStart(7)} s  ${path.relative(folder, file)}`);
}

run({ files, concurrency, timeout })
  .on('test:pass', (event) => (count.passed += isSuite(event) ? 0 : 1))
  .on('test:fail', (event) => (count.failed += isSuite(event) ? 0 : 1))
  .on('test:pass', addTime)
  .on('test:fail', addTime)
  .compose(spec)
  .on('end', () => {
    if (seconds.size > 1) printSlowest();
    process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed\n`);
  })
  .pipe(process.stdout, { end: false });
