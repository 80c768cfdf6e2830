// Two processes of PyTorch on a run folder: spanlab's loss curve, and a folder that spanlab evaluates and goes on with.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { projectRoot } from '../../src/root';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { readMetrics } from '../../src/training/metrics-file';
import { spanlab } from '../cli/run';
import { smallModel } from '../cli/small-model';
import { temporaryFile } from '../squad/files';
import { startPython } from './environment';

const STEPS = 50;
const LIMIT = 1e-3;
interface Passage {
  context: string;
  qas: unknown[];
}

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-scale-'));
const at = (name: string) => path.join(root, name);
let args: string[];

/** 57 questions of the workshop: with 7 in a batch the last batch has one row, and one process has none. */
function data(): string {
  const file = path.join(projectRoot(), 'data', 'workshop', 'train.json');
  const { data } = JSON.parse(fs.readFileSync(file, 'utf8')) as { data: { paragraphs: Passage[] }[] };
  const passages = data.flatMap(({ paragraphs }) => paragraphs);
  const single = passages.flatMap(({ context, qas }) => qas.map((qa) => ({ context, qas: [qa] })));
  return temporaryFile({ version: 'v2.0', data: [{ title: 'T', paragraphs: single.slice(0, 57) }] });
}

before(async () => {
  const model = await smallModel();
  const file = path.join(model, 'config.json');
  const config = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
  fs.writeFileSync(file, JSON.stringify({ ...config, hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 }));
  const sizes = { batch: 7, accumulate: 2, steps: STEPS, seed: 3, lr: 0.005, 'max-length': 192, 'doc-stride': 64 };
  const flags = Object.entries({ ...sizes, 'checkpoint-every': 20, keep: 5 });
  args = ['--model', model, '--train', data(), ...flags.flatMap(([name, value]) => [`--${name}`, String(value)])];
  await train('alone');
});

async function train(name: string, more = args): Promise<void> {
  const { code, stderr } = await spanlab(['train', '--out', at(name), ...more]);
  assert.equal(code, 0, stderr);
}

async function torchrun(name: string, ...more: string[]): Promise<void> {
  const start = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2'];
  await startPython([...start, 'scale/train_torch.py', at(name), ...more]).ended;
}

/** Compares curve, rates and gradient norms with those of the run of one process; prints the largest differences. */
function compare(name: string): void {
  const [ours, theirs] = ['alone', name].map((run) => readMetrics(path.join(at(run), 'metrics.jsonl')));
  assert.deepEqual(theirs.map(({ step }) => step), Array.from({ length: STEPS }, (_, i) => i + 1)); // prettier-ignore
  const largest = (key: string) => Math.max(...ours.map((line, i) => Math.abs(line[key] - theirs[i][key])));
  const [loss, norm, rate] = ['loss', 'grad_norm', 'learning_rate'].map(largest);
  const end = `loss ${ours[0].loss.toFixed(3)} to ${ours.at(-1)!.loss.toFixed(3)}`;
  console.log(`${name}: ${end}; largest differences: loss ${loss}, gradient norm ${norm}, weight ${weights(name)}`);
  assert.ok(ours.at(-1)!.loss < 0.8 * ours[0].loss, 'it learns'); // a flat curve would prove little
  assert.ok(loss < LIMIT, `loss ${loss}`);
  assert.ok(norm < LIMIT, `gradient norm ${norm}`);
  assert.ok(rate < 1e-12, `learning rate ${rate}`);
  assert.ok(weights(name) < 1e-4, 'weights');
}

/** The softmax cancels what these add: their gradients are 0 but for rounding errors, and AdamW moves them by those alone. */
const CANCELLED = /(key|output\.LayerNorm|qa_outputs)\.bias$/;

function weights(name: string): number {
  const [ours, theirs] = ['alone', name].map((run) => new SafetensorsFile(path.join(at(run), 'model.safetensors')));
  const names = [...ours.tensors.keys()].filter((tensor) => !CANCELLED.test(tensor));
  const differences = names.map((tensor) => {
    const [a, b] = [ours, theirs].map((file) => file.readFloat32(tensor));
    return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
  });
  return Math.max(...differences);
}

const runFile = (name: string) =>
  JSON.parse(fs.readFileSync(path.join(at(name), 'run.json'), 'utf8')) as { status: string; starts: unknown[] };

test('two processes give the loss curve of one; the folder is a finished run that spanlab evaluates', async () => {
  await train('two', [...args, '--prepare']);
  await torchrun('two');
  compare('two');
  assert.equal(runFile('two').status, 'finished');
  const evaluate = async (name: string) => {
    const dev = args[args.indexOf('--train') + 1];
    const { code, stdout, stderr } = await spanlab(['evaluate', '--model', at(name), '--data', dev, '--json']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, number>;
  };
  const [ours, theirs] = [await evaluate('alone'), await evaluate('two')];
  assert.equal(theirs.total, 57);
  assert.ok(Math.abs(ours.f1 - theirs.f1) < 4, `${ours.f1} ${theirs.f1}`);
});

test('PyTorch begins in the middle of an epoch, spanlab ends', async () => {
  await train('handed', [...args, '--prepare']);
  await torchrun('handed', '--until', '23');
  assert.equal(runFile('handed').status, 'stopped');
  await train('handed', ['--resume', 'latest']);
  compare('handed');
  assert.equal(runFile('handed').status, 'finished');
});

test('spanlab begins, PyTorch ends', async () => {
  fs.cpSync(at('alone'), at('taken'), { recursive: true });
  await torchrun('taken'); // from checkpoint-40, with the moments that spanlab saved
  compare('taken');
  assert.equal(runFile('taken').starts.length, 2);
});

test('rows that are not those of the run are refused', async () => {
  fs.cpSync(at('two'), at('damaged'), { recursive: true });
  const file = path.join(at('damaged'), 'features.bin');
  const bytes = fs.readFileSync(file);
  bytes[bytes.indexOf('}') + 600]++;
  bytes[2000]++;
  fs.writeFileSync(file, bytes);
  await assert.rejects(torchrun('damaged'), /features.bin: not the rows that run.json names/);
});
