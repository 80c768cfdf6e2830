// `spanlab curve`: every way at every size, once; again it goes on; wrong options train nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import type { CurvePoint, CurveRow } from '../../src/evaluation/curve';
import { projectRoot } from '../../src/root';
import { onePassage, question, temporaryFile } from '../squad/files';
import { spanlab } from './run';
import { smallModel } from './small-model';

const context = 'The lighthouse was built in 1874 by Agnes Holm, who lived in it until 1901.';
const ask = (text: string, id: string | number) => question(text, context.indexOf(text), String(id));
const train = temporaryFile(onePassage(context, ['1874', 'Agnes', 'Holm', '1901', 'lived'].map(ask)));
const dev = temporaryFile(onePassage(context, [ask('lighthouse', 'x'), ask('1874', 'y')]));
let model: string;

before(async () => {
  model = await smallModel();
});

const folder = () => path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'curve');
const argsOf = (out: string, ...more: string[]) => [
  ...['curve', '--model', model, '--bare', model, '--train', train, '--dev', dev, '--out', out],
  ...['--max-length', '64', '--doc-stride', '16', '--batch', '2', '--steps', '2', '--seeds', '2', ...more],
];
const key = ({ way, size, seed }: CurvePoint) => `${way} ${size} ${seed}`;
const read = (out: string) =>
  (JSON.parse(fs.readFileSync(path.join(out, 'curve.json'), 'utf8')) as { points: CurvePoint[] }).points;

test('all ways at all sizes; more sizes and ways join, and nothing is trained twice', async () => {
  const out = folder();
  const first = await spanlab(argsOf(out, '--sizes', '0,2', '--ways', 'trained'));
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /^examples +way +draws +exact +F1 +± +seconds +gain\n +0 +trained +1 +[\d.]+ % +[\d.]+ % /,
  );
  assert.deepEqual(read(out).map(key), ['trained 0 0', 'trained 2 0', 'trained 2 1']);
  const before = read(out);
  const args = argsOf(out, '--sizes', '0,2,all,900', '--mix', dev, '--json');
  const second = await spanlab(args);
  assert.equal(second.code, 0, second.stderr);
  const { points, rows } = JSON.parse(second.stdout) as { points: CurvePoint[]; rows: CurveRow[] };
  assert.deepEqual(points.slice(0, 3), before);
  assert.equal(points.length, 14); // three ways at 2 and 5, two draws each; untouched under both names
  assert.deepEqual([...new Set(points.map(({ size }) => size))].sort(), [0, 2, 5]);
  assert.equal(rows.find(({ way, size }) => way === 'mix' && size === 5)!.gain!.over, 'trained');
  assert.ok(fs.existsSync(path.join(out, 'figure.json')));
});

test('--columns says which of the fields of --train is which', async () => {
  const own = temporaryFile([{ ask: 'When?', body: context, reply: '1874' }, { ask: 'Who?', body: context, reply: 'Holm' }]); // prettier-ignore
  const args = argsOf(
    folder(),
    '--sizes',
    '2',
    '--ways',
    'trained',
    '--columns',
    'question=ask,context=body,answer=reply',
  );
  const { code, stderr } = await spanlab(args.map((arg, i) => (args[i - 1] === '--train' ? own : arg)));
  assert.equal(code, 0, stderr);
});

test('a model with fewer positions than --max-length: said once, and its curve is drawn', async () => {
  const short = await smallModel(32);
  const args = argsOf(folder(), '--sizes', '0,2', '--ways', 'trained,bare');
  const { code, stderr } = await spanlab(args.map((arg) => (arg === model ? short : arg)));
  assert.equal(code, 0, stderr);
  assert.equal(stderr.match(/^windows have 32 tokens, not 64: the model has no more positions$/gm)?.length, 1);
});

test('stopped in the middle of a training, it keeps the points before and goes on with the next', async () => {
  const out = folder();
  const args = argsOf(out, '--sizes', '2,4', '--ways', 'trained');
  const long = args.map((arg, i) => (args[i - 1] === '--steps' ? '60' : arg));
  const child = spawn(process.execPath, [path.join(projectRoot(), 'src', 'cli', 'bin.cjs'), ...long], {
    stdio: 'ignore',
  });
  const timer = setInterval(() => {
    if (!fs.existsSync(path.join(out, 'curve.json'))) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 20);
  assert.notEqual(await new Promise((resolve) => child.on('close', resolve)), 0);
  const before = read(out);
  assert.ok(before.length > 0 && before.length < 4);
  const again = await spanlab(long);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(read(out).slice(0, before.length), before);
  assert.equal(read(out).length, 4);
  const other = await spanlab(argsOf(out, '--sizes', '2', '--ways', 'trained'));
  assert.equal(other.code, 1);
  assert.match(other.stderr, /error: E_CURVE: .*other data or options/);
});

for (const [title, more, message] of [
  ['a way that is none', ['--ways', 'trained,best'], /--ways is "trained,best"; it takes some of/],
  ['mix without data', ['--ways', 'mix'], /--ways has mix, which needs --mix/],
  ['a size that is no number', ['--sizes', '16,many'], /--sizes is "many"/],
] as [string, string[], RegExp][]) {
  test(`${title} is wrong usage`, async () => {
    const { code, stderr } = await spanlab(argsOf(folder(), ...more));
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}
