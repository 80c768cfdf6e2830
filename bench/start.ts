// How long a person waits for a command: `spanlab --help`, one answer of `spanlab ask`, the same by `npx`; beside them `node -e 0`, native
// TensorFlow alone, and npm alone, which starts a program of a few milliseconds. node --import tsx bench/start.ts MODEL. Medians of 9
// starts in turns; then a profile of `ask`, whose time is told by what it is spent on.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const BIN = path.join(ROOT, 'src', 'cli', 'bin.cjs');
const ROUNDS = 9;

const [model] = process.argv.slice(2);
if (!model) throw new Error('which model? node --import tsx bench/start.ts models/workshop-qa');
const ASK = ['ask', '--model', path.resolve(model), '--context', 'The lighthouse was built in 1881 by a captain.', '--question', 'When?']; // prettier-ignore

const STARTS: Record<string, string[]> = {
  'node -e 0': ['node', '-e', '0'],
  'native TensorFlow alone': ['node', '-e', `require('@tensorflow/tfjs-node-gpu')`],
  'spanlab --help': ['node', BIN, '--help'],
  'spanlab ask': ['node', BIN, ...ASK],
  'npx spanlab ask': ['npx', 'spanlab', ...ASK],
  'npm alone: npx esbuild --version': ['npx', 'esbuild', '--version'],
};

/** Seconds that passed, and of the processor. */
function start([program, ...args]: string[]): [wall: number, cpu: number] {
  const script = `TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>&1`;
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', program, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
  const [wall, user, system] = stderr.split(' ').map(Number);
  return [wall, user + system];
}

const median = (values: number[]) => values.sort((one, other) => one - other)[values.length >> 1];

function timeAll(): void {
  const seen = new Map(Object.keys(STARTS).map((name) => [name, [] as [number, number][]]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, command] of Object.entries(STARTS)) {
      const times = start(command);
      if (round > 0) seen.get(name)!.push(times); // the first fills caches
    }
  }
  console.log(`Node.js ${process.version}, load ${os.loadavg()[0].toFixed(1)}\n`);
  console.log('| start | passed, s | processor, s |\n| --- | --- | --- |');
  for (const [name, times] of seen) {
    const [wall, cpu] = [0, 1].map((i) => median(times.map((pair) => pair[i])).toFixed(2));
    console.log(`| ${name} | ${wall} | ${cpu} |`);
  }
}

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/** What the time of one `ask` goes into, by V8's profile: the five that take the most. */
function profile(): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-start-'));
  spawnSync('node', ['--cpu-prof', '--cpu-prof-interval', '250', '--cpu-prof-dir', folder, BIN, ...ASK], { cwd: ROOT });
  const { nodes, samples, timeDeltas } = JSON.parse(
    fs.readFileSync(path.join(folder, fs.readdirSync(folder)[0]), 'utf8'),
  ) as Profile;
  fs.rmSync(folder, { recursive: true });
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const spent = new Map<string, number>();
  samples.forEach((id, i) => {
    const what = theme(frames.get(id)!);
    spent.set(what, (spent.get(what) ?? 0) + timeDeltas[i]);
  });
  const total = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  console.log('\n| of one `ask` | share |\n| --- | --- |');
  for (const [what, time] of [...spent].sort(([, one], [, other]) => other - one).slice(0, 5)) {
    console.log(`| ${what} | ${((100 * time) / total).toFixed(0)} % |`);
  }
}

function theme({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  if (functionName === 'dlopen') return 'loading TensorFlow’s library';
  if (functionName === 'wrapSafe' || functionName.startsWith('compile')) return 'compiling JavaScript';
  if (functionName === '(garbage collector)') return 'collecting garbage';
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inPackage) return `the package ${inPackage[1]}`;
  const room = /\/src\/(\w+)\//.exec(url);
  if (room) return `src/${room[1]}`;
  return url.startsWith('node:') ? 'finding and reading modules (Node)' : 'Node itself and reading files';
}

timeAll();
profile();
