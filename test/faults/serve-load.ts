// A day's load in an hour: short and long texts, wrong requests, clients that hang up, and an engine that is killed now and then.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Random } from '../../src/engine/random';
import { RemoteEngine } from '../../src/serve/remote-engine';
import { serveEngine } from '../../src/serve/server';
import { smallModel } from '../cli/small-model';
import { type Form, type Row, Tally } from './tally';

const AT_ONCE = 24;
/** Of the long form; where the machine does not get through in this time, it says how far it came. */
const MOST_MS = Number(process.env.SPANLAB_LOAD_MINUTES ?? 60) * 60_000;
const ANSWERED = 200;

interface Kind {
  share: number;
  status: number | 'hang up';
  ask: (random: Random) => { path?: string; method?: string; body?: string; headers?: Record<string, string> };
}

const text = (random: Random, sentences: number) =>
  Array.from({ length: sentences }, () => `Number ${random.integer(1000)} won race ${random.integer(99)}. `).join('');
const task = (random: Random, sentences: number) =>
  JSON.stringify({ question: `Who won race ${random.integer(99)}?`, context: text(random, sentences) });

const KINDS: Record<string, Kind> = {
  'a short text': { share: 0.76, status: ANSWERED, ask: (random) => ({ body: task(random, 1 + random.integer(8)) }) },
  'scores of a short text': { share: 0.05, status: ANSWERED, ask: (random) => ({ path: 'api/scores', body: task(random, 4) }) }, // prettier-ignore
  'a page of text': { share: 0.04, status: ANSWERED, ask: (random) => ({ body: task(random, 60) }) },
  'a long text (15,000 tokens)': { share: 0.0005, status: ANSWERED, ask: (random) => ({ body: task(random, 2_000) }) },
  'too many tokens': { share: 0.0005, status: 413, ask: (random) => ({ body: task(random, 5_000) }) },
  'the page': { share: 0.05, status: ANSWERED, ask: () => ({ path: '', method: 'GET' }) },
  'no JSON': { share: 0.03, status: 400, ask: () => ({ body: '{"question": ' }) },
  'another site': { share: 0.02, status: 403, ask: (random) => ({ body: task(random, 1), headers: { origin: 'http://evil.example' } }) }, // prettier-ignore
  'another name': { share: 0.02, status: 421, ask: (random) => ({ body: task(random, 1), headers: { host: 'evil.example' } }) }, // prettier-ignore
  'hangs up': { share: 0.03, status: 'hang up', ask: (random) => ({ body: task(random, 3) }) },
};

/** Runs the load against a server in this process, whose engine is in its own. */
export async function serveLoad({ seed, isLong }: Form): Promise<Row[]> {
  const random = new Random(seed, 2);
  const count = isLong ? 100_000 : 150;
  const folder = await smallModel();
  const engine = await RemoteEngine.start(folder);
  const server = await serveEngine(engine, { port: 0 });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 * AT_ONCE });
  const tallies = Object.fromEntries(Object.keys(KINDS).map((name) => [name, new Tally(name)]));
  const latencies: number[] = [];
  const memory: { server: number; engine: number }[] = [];
  const killEvery = isLong ? 20_000 : 200;
  const until = Date.now() + (isLong ? MOST_MS : Infinity);
  let [sent, kills] = [0, 0];
  const one = async (): Promise<void> => {
    while (sent < count && Date.now() < until) {
      const number = sent++;
      const name = Object.keys(KINDS)[number] ?? pick(random); // each at least once
      const began = performance.now();
      await tallies[name].trial(name, () => ask(server.url, agent, KINDS[name], random));
      if (name === 'a short text') latencies.push(performance.now() - began);
      if (number % Math.ceil(count / 40) === 0) memory.push({ server: process.memoryUsage.rss(), engine: residentOf(engine.pid) }); // prettier-ignore
      if (number % killEvery === killEvery / 2) kills += kill(engine.pid);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  agent.destroy();
  await server.close();
  await engine.close();
  fs.rmSync(path.dirname(folder), { recursive: true, force: true });
  return [...Object.values(tallies).map(({ row }) => row), summary(sent, kills, latencies, memory)];
}

function pick(random: Random): string {
  let left = random.uniform();
  for (const [name, { share }] of Object.entries(KINDS)) if ((left -= share) < 0) return name;
  return 'a short text';
}

function ask(url: string, agent: http.Agent, kind: Kind, random: Random): Promise<string> {
  const { path: place = 'api/answer', method = 'POST', body, headers } = kind.ask(random);
  const isHangUp = kind.status === 'hang up';
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...(body && { 'content-length': Buffer.byteLength(body) }), ...headers }; // prettier-ignore
    const request = http.request(url + place, { method, headers: all, agent: isHangUp ? undefined : agent });
    request.on('error', (error) => (isHangUp ? resolve('left') : reject(error)));
    request.on('response', (response) => {
      response.on('error', reject).on('end', () => {
        if (isHangUp || response.statusCode === kind.status) resolve(isHangUp ? 'left' : `answered ${kind.status}`);
        else reject(new Error(`answered ${response.statusCode}`));
      });
      response.resume();
    });
    request.end(body);
    if (isHangUp) setTimeout(() => request.destroy(), random.integer(20));
  });
}

function kill(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    process.kill(pid, 'SIGKILL');
    return 1;
  } catch {
    return 0; // it is just being started
  }
}

/** Resident memory of another process in bytes; 0 where the system does not tell or it is not there. */
function residentOf(pid = 0): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function summary(sent: number, kills: number, latencies: number[], memory: { server: number; engine: number }[]): Row {
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0)} ms`;
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const tally = new Tally('all: memory after a quarter, and at the end');
  const [early, late] = [memory[Math.floor(memory.length / 4)], memory.at(-1)!];
  const growth = late.server - early.server;
  if (growth < 100e6) tally.good('flat');
  else tally.bad(`the server grew by ${megabytes(growth)}`);
  const figures = {
    requests: sent,
    'engine killed': kills,
    'at once': AT_ONCE,
    median: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    longest: at(1),
    'server early': megabytes(early.server),
    'server late': megabytes(late.server),
    'engine early': megabytes(early.engine),
    'engine late': megabytes(late.engine),
  };
  return { ...tally.row, figures };
}
