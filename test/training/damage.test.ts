// A checkpoint knows itself: any changed byte, any impossible state and any other option is noticed before it costs anything.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import { spawnSync } from 'node:child_process';
import { verifyCheckpoint } from '../../src/training/checkpoint';
import { checkpointSteps, latestCheckpoint } from '../../src/training/checkpoints';
import { type TrainerOptions, trainerOptions } from '../../src/training/options';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { setup, temporary, weightsOf } from './small';

const BASE = { checkpointEvery: 5, keepCheckpoints: 3 };
let output: string;

before(async () => {
  await startBackend();
  output = temporary();
  await new Trainer(setup(BASE, output)).run(); // 16 steps: checkpoints 5, 10, 15
});

interface Signed {
  format: string;
  state: Record<string, unknown>;
  identity: { options: Record<string, unknown> };
}

function copy(): string {
  const folder = temporary();
  fs.cpSync(output, folder, { recursive: true });
  return folder;
}
function resume(folder: string, options: Partial<TrainerOptions> = {}, from = 'latest', acceptChanges = false) {
  const warnings: string[] = [];
  const given = { ...setup({ ...BASE, ...options }, folder), onWarning: (text: string) => void warnings.push(text) };
  const done = new Trainer(given).run({ resume: from, acceptChanges });
  return { warnings, done: done.then((result) => ({ result, weights: weightsOf(given.model) })) };
}
const filesOf = (checkpoint: string) =>
  fs.readdirSync(checkpoint, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name)); // prettier-ignore
function flip(file: string, at: number): void {
  const bytes = fs.readFileSync(file);
  bytes[at] ^= 0x40;
  fs.writeFileSync(file, bytes);
}
/** Changes the state and signs it again, as a program with a mistake would. */
function writeState(checkpoint: string, change: (record: Signed) => void) {
  const file = path.join(checkpoint, 'training_state.json');
  const record = JSON.parse(fs.readFileSync(file, 'utf8')) as Signed;
  change(record);
  fs.writeFileSync(file, JSON.stringify(record));
  const sums = spawnSync('sh', ['-c', 'sha256sum $(cut -c67- SHA256SUMS)'], { cwd: checkpoint, encoding: 'utf8' });
  fs.writeFileSync(path.join(checkpoint, 'SHA256SUMS'), sums.stdout);
}

test('sha256sum itself finds a checkpoint whole', () => {
  for (const step of checkpointSteps(output)) {
    const cwd = path.join(output, `checkpoint-${step}`);
    const { status, stdout } = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    assert.equal(stdout.trim().split('\n').length, filesOf(cwd).length - 1);
  }
});

describe('a flipped bit', () => {
  test('anywhere in any file of a checkpoint is E_CHECKPOINT', () => {
    const checkpoint = path.join(copy(), 'checkpoint-15');
    const files = filesOf(checkpoint);
    assert.ok(files.length >= 6);
    for (const file of files) {
      const { size } = fs.statSync(file);
      const places = Array.from({ length: 8 }, (_, i) => Math.floor(((size - 1) * i) / 7));
      for (const at of places) {
        flip(file, at);
        assert.throws(() => verifyCheckpoint(checkpoint), { code: 'E_CHECKPOINT' }, `${file}, byte ${at} of ${size}`);
        flip(file, at);
      }
    }
    verifyCheckpoint(checkpoint);
  });

  test('in weights or moments is passed over, and said; the run ends with the weights that it would have had', async () => {
    const { weights } = await resume(copy()).done;
    for (const name of ['model.safetensors', 'exp_avg/model.safetensors', 'exp_avg_sq/model.safetensors']) {
      const folder = copy();
      const file = path.join(folder, 'checkpoint-15', name);
      flip(file, fs.statSync(file).size - 1001);
      const run = resume(folder);
      assert.deepEqual((await run.done).weights, weights, name);
      assert.match(
        run.warnings.join('\n'),
        new RegExp(`passed over: .*checkpoint-15: damaged: ${name} is not as it was`),
      );
      assert.match(run.warnings.join('\n'), /going on with .*checkpoint-10/);
      const named = resume(copy(), {}, path.join(folder, 'checkpoint-15'));
      await named.done; // written anew by the run
      flip(file, 500);
      await assert.rejects(resume(temporary(), {}, path.dirname(file).replace(/\/exp_avg(_sq)?$/, '')).done, {
        code: 'E_CHECKPOINT',
      });
    }
  });
});

describe('resume latest with nothing but damage', () => {
  const damages: Record<string, (checkpoint: string) => void> = {
    'cut short': (checkpoint) => fs.truncateSync(path.join(checkpoint, 'model.safetensors'), 1000),
    'of another format': (checkpoint) => writeState(checkpoint, (record) => (record.format = 'spanlab-checkpoint-3')),
    'without its record': (checkpoint) => fs.rmSync(path.join(checkpoint, 'training_state.json')),
    'without its hashes': (checkpoint) => fs.rmSync(path.join(checkpoint, 'SHA256SUMS')),
    empty: (checkpoint) => (fs.rmSync(checkpoint, { recursive: true }), fs.mkdirSync(checkpoint)),
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`${name}: refused, each named, and left as they are`, async () => {
      const folder = copy();
      for (const step of [5, 10, 15]) damage(path.join(folder, `checkpoint-${step}`));
      const before = filesOf(folder).map((file) => [file, fs.statSync(file).mtimeMs]);
      await assert.rejects(resume(folder).done, ({ code, message }: Error & { code: string }) => {
        assert.equal(code, 'E_CHECKPOINT');
        for (const step of [5, 10, 15]) assert.match(message, new RegExp(`checkpoint-${step}: `));
        if (name === 'of another format') assert.match(message, /of format spanlab-checkpoint-3/);
        return true;
      });
      assert.deepEqual(filesOf(folder).map((file) => [file, fs.statSync(file).mtimeMs]), before); // prettier-ignore
    });
  }
});

test('impossible states are refused, however well they are signed', async () => {
  const changes: [string, unknown][] = [
    ...([1e9, null, 14.5, 'x', -5, 1e300, 14].map((value) => ['step', value]) as [string, unknown][]),
    ...(['epoch', 'batch', 'batches'] as const).flatMap((name) => [[name, 1000], [name, -1], [name, 0.5]] as [string, unknown][]), // prettier-ignore
    ...([['evaluated', 99], ['best', { step: 99, value: 1 }], ['history', 7], ['epochLosses', [null]]] as [string, unknown][]), // prettier-ignore
  ];
  for (const [name, value] of changes) {
    const folder = copy();
    const checkpoint = path.join(folder, 'checkpoint-15');
    writeState(checkpoint, ({ state }) => (state[name] = value));
    await assert.rejects(
      resume(temporary(), {}, checkpoint).done,
      ({ code, message }: Error & { code: string }) => {
        assert.equal(code, 'E_CHECKPOINT', `${name} ${JSON.stringify(value)}: ${message}`);
        return true;
      },
      `${name} = ${JSON.stringify(value)}`,
    );
  }
});

test('the list of hashes itself: every byte of it, and every line', () => {
  const checkpoint = path.join(copy(), 'checkpoint-15');
  const file = path.join(checkpoint, 'SHA256SUMS');
  const good = fs.readFileSync(file);
  const lines = good.toString().split('\n');
  const broken = [
    ...[...good.keys()].map((at) => Buffer.from(good).fill(good[at] ^ 1, at, at + 1)),
    good.subarray(0, -1),
    ...lines.slice(0, -1).map((_, at) => Buffer.from(lines.filter((_line, other) => other !== at).join('\n'))),
  ];
  for (const bytes of broken) {
    fs.writeFileSync(file, bytes);
    assert.throws(() => verifyCheckpoint(checkpoint), { code: 'E_CHECKPOINT' }, bytes.toString());
  }
  fs.writeFileSync(file, good);
  fs.rmSync(file);
  assert.throws(() => verifyCheckpoint(checkpoint), {
    code: 'E_CHECKPOINT',
    message: /damaged: there is no SHA256SUMS in it; name/,
  });
});

test('what a system or a person puts beside the files does no harm, unless a model would be read from it', () => {
  const checkpoint = path.join(copy(), 'checkpoint-15');
  for (const name of [
    '.DS_Store',
    'Thumbs.db',
    'notes.md',
    'notes.txt',
    '._model.safetensors',
    'exp_avg/._model.safetensors',
    'old/plot.png',
  ]) {
    fs.mkdirSync(path.dirname(path.join(checkpoint, name)), { recursive: true });
    fs.writeFileSync(path.join(checkpoint, name), 'x');
  }
  verifyCheckpoint(checkpoint);
  for (const name of ['added_tokens.json', 'merges.txt', 'pytorch_model.bin', 'spiece.model']) {
    fs.writeFileSync(path.join(checkpoint, name), '{}');
    const message = new RegExp(`SHA256SUMS lacks ${name}; if you put it there, move it away`);
    assert.throws(() => verifyCheckpoint(checkpoint), { code: 'E_CHECKPOINT', message });
    fs.rmSync(path.join(checkpoint, name));
  }
});

test('moments that cannot be are refused, however well they are signed', async () => {
  const folder = copy();
  const checkpoint = path.join(folder, 'checkpoint-15');
  const file = path.join(checkpoint, 'exp_avg_sq', 'model.safetensors');
  const bytes = fs.readFileSync(file);
  bytes[bytes.length - 1] |= 0x80; // the sign of the last number
  fs.writeFileSync(file, bytes);
  writeState(checkpoint, () => undefined); // signs what is there
  await assert.rejects(resume(temporary(), {}, checkpoint).done, { code: 'E_CHECKPOINT', message: /is negative in/ });
});

describe('options that are not those of the checkpoint', () => {
  const others: Record<string, unknown> = {
    epochs: 9,
    steps: 40,
    batchSize: 4,
    accumulate: 2,
    learningRate: 1e-5,
    schedule: 'cosine',
    warmup: 0.5,
    weightDecay: 0.5,
    beta1: 0.5,
    beta2: 0.5,
    epsilon: 1e-3,
    maxGradientNorm: 9,
    seed: 7,
    shuffle: false,
    bucket: false,
    padTo: 16,
    precision: 'bf16',
    bestMetric: 'exact',
    patience: 3,
    leastSteps: 50,
    dropout: 0.05,
    freeze: 1,
    mixShare: 0.3,
    teacherWeight: 0.7,
    teacherTemperature: 4,
  };
  const neutral: Record<string, unknown> = { checkpointEvery: 3, keepCheckpoints: 9, logEvery: 1, recompute: true };
  const ORDER = ['batchSize', 'accumulate', 'seed', 'shuffle', 'bucket', 'padTo', 'mixShare'];

  test('every option is one or the other', () => {
    const known = [...Object.keys(others), ...Object.keys(neutral), 'evaluateEvery'].sort();
    assert.deepEqual(known, Object.keys(trainerOptions.entries).sort());
  });

  test('are refused by name where they change the result', async () => {
    for (const [name, value] of Object.entries(others)) {
      const message = new RegExp(`${name} .* there, .* here`);
      await assert.rejects(resume(copy(), { [name]: value }).done, { code: 'E_CHECKPOINT_OPTIONS', message }, name);
    }
  });

  test('one that an older checkpoint does not know had its default', async () => {
    const folder = copy();
    writeState(path.join(folder, 'checkpoint-15'), (head) => delete head.identity.options.freeze);
    await assert.rejects(resume(folder, { freeze: 1 }).done, {
      code: 'E_CHECKPOINT_OPTIONS',
      message: /freeze 0 there/,
    });
    assert.ok((await resume(folder).done).result.steps >= 16);
  });

  test('are taken where a person insists, but for those that order the rows', async () => {
    for (const name of ['learningRate', 'epochs', 'schedule', 'weightDecay']) {
      assert.ok((await resume(copy(), { [name]: others[name] }, 'latest', true).done).result.steps >= 16, name);
    }
    for (const name of ORDER) {
      const run = resume(copy(), { [name]: others[name] }, 'latest', true).done;
      await assert.rejects(run, { code: 'E_CHECKPOINT_OPTIONS' }, name);
    }
  });

  test('do not matter where they change nothing', async () => {
    const { weights } = await resume(copy()).done;
    assert.deepEqual((await resume(copy(), neutral).done).weights, weights);
  });
});

describe('without a checkpoint', () => {
  const without = (status: string, ...files: string[]) => {
    const folder = copy();
    for (const step of checkpointSteps(folder)) fs.rmSync(path.join(folder, `checkpoint-${step}`), { recursive: true });
    for (const name of files) fs.rmSync(path.join(folder, name));
    const record = JSON.parse(fs.readFileSync(path.join(folder, 'run.json'), 'utf8')) as object;
    fs.writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ ...record, status }));
    return folder;
  };
  const model = (folder: string) => fs.readFileSync(path.join(folder, 'model.safetensors'));

  for (const [what, folder, said] of [
    ['deleted ones', () => without('running'), /its checkpoints are gone; .*begin anew \(without resume\)/],
    ['deleted ones of a finished run', () => without('finished'), /the run has finished, and there is no checkpoint/],
  ] as const) {
    test(`${what}: resume latest refuses, and touches nothing`, async () => {
      const output = folder();
      const before = [model(output), fs.readdirSync(output).sort()];
      await assert.rejects(resume(output).done, (error: Error & { code: string }) => {
        assert.equal(error.code, 'E_CHECKPOINT');
        return said.test(error.message) && error.message.startsWith(output);
      });
      assert.deepEqual([model(output), fs.readdirSync(output).sort()], before);
    });
  }

  test('a run that was killed before its first one begins anew, and says so', async () => {
    const { done, warnings } = resume(without('running', 'trainer_state.json'));
    assert.equal((await done).result.steps, 16);
    assert.match(warnings.join(), /ended before its first checkpoint; it begins anew/);
  });

  test('whoever begins anew without resume leaves nothing of the run before that says otherwise', async () => {
    const folder = without('finished');
    let isThere = true;
    const onStep = ({ step }: { step: number }) => {
      if (step === 1) isThere = fs.existsSync(path.join(folder, 'trainer_state.json'));
    };
    await new Trainer({ ...setup(BASE, folder), onStep }).run();
    assert.equal(isThere, false);
  });
});

test('of a checkpoint that cannot be used, advice names those beside it, or says that there is none', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const wanted = path.join(home, 'checkpoint-5');
  const said = () => {
    try {
      return verifyCheckpoint(wanted).folder;
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(said(), /no checkpoint \(.*; there is no other one beside it: bring it back from a copy, or begin anew/);
  fs.mkdirSync(path.join(home, 'checkpoint-4'));
  assert.match(said(), /; name another one \(checkpoint-4\), or resume latest$/);
  // latest is no advice for who has said latest
  assert.throws(() => latestCheckpoint(home), (error: Error) => !error.message.includes('resume latest')); // prettier-ignore
});
