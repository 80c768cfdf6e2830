// Many broken inputs, one after the other, in one process: each gives a coded error or a right result, soon and in little memory.
import assert from 'node:assert/strict';
import { Random } from '../../src/engine/random';
import { SpanlabError } from '../../src/errors';

/** Inputs a kind; `npm run test:fuzz` takes 20,000. */
export const RUNS = Number(process.env.SPANLAB_FUZZ ?? 500);
/** The first of them: a failure at input 5854 is seen again with `SPANLAB_FUZZ=5855 SPANLAB_FUZZ_FROM=5854`. */
const FIRST = Number(process.env.SPANLAB_FUZZ_FROM ?? 0);
/** Of the processor: how busy the machine is decides nothing. */
const SECONDS = 10;
/** Inputs after which a long run says how far it is. */
const EVERY = 2000;
const LARGEST_RSS = 2 ** 30;

/** Random choices from a seed, so that a failure can be made again. */
export class Dice {
  private readonly random: Random;

  constructor(readonly seed: number) {
    this.random = new Random(seed);
  }

  below(limit: number): number {
    return Math.min(limit - 1, Math.floor(this.random.uniform() * limit));
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

/** What came of the inputs of one kind. */
export interface Tally {
  accepted: number;
  refused: Record<string, number>;
}

/**
 * Runs `one` for each input. It throws what the code throws; anything but a coded error fails, and so does one that nobody could
 * read, one that takes longer than 10 s, and a process of more than 1 GB.
 */
export async function fuzz(name: string, one: (dice: Dice) => unknown, runs = RUNS): Promise<Tally> {
  const tally: Tally = { accepted: 0, refused: {} };
  let [slowest, largest] = [0, 0];
  const say = (done: number) => {
    const codes = Object.entries(tally.refused).sort(([, a], [, b]) => b - a);
    const refused = codes.map(([code, count]) => `${code} ${count}`).join(', ');
    const limits = `slowest ${slowest.toFixed(2)} s, ${Math.round(largest / 2 ** 20)} MB`;
    process.stdout.write(`${name}: ${done} inputs, ${tally.accepted} accepted; ${refused}; ${limits}\n`);
  };
  for (let seed = FIRST; seed < runs; seed++) {
    const began = process.cpuUsage();
    try {
      await one(new Dice(seed));
      tally.accepted++;
    } catch (error) {
      if (!(error instanceof SpanlabError)) {
        throw new Error(`${name}, input ${seed}: ${(error as Error).stack}`, { cause: error });
      }
      checkLine(`${name}, input ${seed}`, error);
      tally.refused[error.code] = (tally.refused[error.code] ?? 0) + 1;
    }
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1e6);
    largest = Math.max(largest, process.memoryUsage.rss());
    if (seed % 50 === 49) await new Promise(setImmediate);
    if (seed % EVERY === EVERY - 1 && seed + 1 < runs) say(seed + 1);
  }
  say(runs);
  assert.ok(slowest < SECONDS, `${slowest} s`);
  assert.ok(largest < LARGEST_RSS, `${largest} bytes`);
  return tally;
}

function checkLine(name: string, { code, message }: SpanlabError): void {
  assert.match(code, /^E_[A-Z0-9_]+$/, name);
  assert.notEqual(code, 'E_INTERNAL', name);
  assert.doesNotMatch(message, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, name);
  assert.ok(message.length < 2200, `${name}: ${message.length} characters`);
}

/** Values that no field expects. */
export const ODD_VALUES: unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    2,
    3,
    0.5,
    1.5,
    1e-9,
    7,
    255,
    256,
    257,
    65536,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e9,
    1e18,
    1e308,
    -1e308,
  ],
  ...[
    '',
    ' ',
    '0',
    '12',
    'NaN',
    'a',
    '[UNK]',
    '\u001b[2J\u001b]0;x\u0007',
    '\u202eabc',
    '\ud800',
    'x'.repeat(5000),
    '__proto__',
    'constructor',
  ],
  ...[
    [],
    {},
    [null],
    [[]],
    [0],
    ['a'],
    { a: 1 },
    { type: 'Sequence' },
    { type: 'toString' },
    { content: 'a' },
    { Regex: '(a+)+$' },
    { Regex: '(?<' },
  ],
];

/** JSON of an object with one more field, which nests `depth` deep. */
export function withNested(json: string, depth: number): string {
  return json.replace('{', () => `{"extra":${'['.repeat(depth)}${']'.repeat(depth)},`);
}

/** Replaces, removes or adds something somewhere in a tree of JSON; the tree is changed. */
export function mutate(tree: unknown, dice: Dice, values: unknown[] = ODD_VALUES): void {
  const value = () => structuredClone(dice.one(values)); // its own: it may be changed next
  let node = tree as Record<string, unknown>;
  for (let depth = 0; depth < 12; depth++) {
    const keys = Object.keys(node);
    if (keys.length === 0) return void (Array.isArray(node) ? node.push(value()) : (node.x = value()));
    const key = dice.one(keys);
    const child = node[key];
    const isInner = typeof child === 'object' && child !== null;
    if (isInner && dice.below(3) > 0) {
      node = child as Record<string, unknown>;
      continue;
    }
    const what = dice.below(10);
    if (what === 0) Reflect.deleteProperty(node, key);
    else if (what === 1 && !Array.isArray(node)) node[`${key}x`] = child;
    else if (what === 2) node[key] = structuredClone(node[dice.one(keys)]);
    else node[key] = value();
    return;
  }
}

/** Changes bytes of a file: some put in, some left out, some flipped, or the end cut off. */
export function mutateBytes(bytes: Buffer, dice: Dice): Buffer {
  let out = Buffer.from(bytes);
  for (let count = 1 + dice.below(3); count > 0; count--) {
    const at = dice.below(out.length || 1);
    const kind = dice.below(6);
    if (kind === 0) out = out.subarray(0, at);
    else if (kind === 1)
      out = Buffer.concat([out.subarray(0, at), Buffer.from([dice.below(256), dice.below(256)]), out.subarray(at)]);
    else if (kind === 2) out = Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + dice.below(8))]);
    else if (out.length > 0)
      out[at] = kind === 3 ? out[at] ^ (1 << dice.below(8)) : dice.one([0, 1, 0x7f, 0x80, 0xff, dice.below(256)]);
  }
  return out;
}
