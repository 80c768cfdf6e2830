// `spanlab train`: a folder that can be evaluated and asked, the same for the same seed, and every bad input in one line.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before, describe, type TestContext } from 'node:test';
import { main } from '../../src/cli/main';
import { projectRoot } from '../../src/root';
import { onePassage, question, temporaryFile } from '../squad/files';
import { smallModel } from './small-model';
import { spanlab } from './run';

const context = 'The lighthouse was built in 1874 by Agnes Holm 🎉, who kept its lamp.';
const start = (text: string) => Array.from(context.slice(0, context.indexOf(text))).length;
const good = temporaryFile(
  onePassage(context, [
    question('1874', start('1874'), 'a'),
    question('Agnes Holm', start('Agnes Holm'), 'b'),
    question('its lamp', start('its lamp'), 'c'),
    { id: 'd', question: 'What did it cost?', answers: [], is_impossible: true },
  ]),
);
const output = () => path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'out');
let model: string;

before(async () => {
  model = await smallModel();
});

const toArguments = ([name, value]: [string, string]) => (value === 'yes' ? [`--${name}`] : [`--${name}`, value]);

/** Runs the command with what it needs, and `changes`. */
function train(changes: Record<string, string> = {}) {
  return spanlab(toCommand(changes));
}

/** The same in this process, which is quicker. */
async function trainHere(context: TestContext, changes: Record<string, string>) {
  let stderr = '';
  const write = context.mock.method(process.stderr, 'write', (text: string) => (stderr += text) !== '');
  const code = await main(toCommand(changes));
  write.mock.restore();
  return { code, stderr };
}

function toCommand(changes: Record<string, string>): string[] {
  const epochs = 'options' in changes ? {} : { epochs: '2' };
  const options = { model, train: good, out: output(), ...epochs, batch: '2', ...changes };
  return ['train', ...Object.entries(options).flatMap(toArguments), '--json'];
}

test('a folder with a model is left alone, unless one insists', async (context) => {
  const out = output();
  fs.cpSync(model, out, { recursive: true });
  const before = fs.readFileSync(path.join(out, 'model.safetensors'));
  const message = /E_TRAIN_OUTPUT.*has a model already \(model\.safetensors\); .*--overwrite/;
  for (const from of [model, out]) {
    const { code, stderr } = await trainHere(context, { out, model: from });
    assert.deepEqual([code, message.test(stderr)], [1, true], stderr);
  }
  assert.ok(before.equals(fs.readFileSync(path.join(out, 'model.safetensors'))));
  assert.equal((await trainHere(context, { out, overwrite: 'yes', epochs: '1' })).code, 0);
  assert.ok(!before.equals(fs.readFileSync(path.join(out, 'model.safetensors'))));
});

test('a folder comes out, with the result on stdout and progress on stderr', async () => {
  const out = output();
  const { code, stdout, stderr } = await train({ out, dev: good });
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as Record<string, number | string | number[]>;
  assert.deepEqual([result.out, result.features, result.steps, result.total], [out, 4, 4, 4]);
  assert.equal((result.epoch_losses as number[]).length, 2);
  for (const name of ['exact', 'f1', 'start_accuracy', 'end_accuracy', 'examples_per_second']) {
    assert.equal(typeof result[name], 'number', name);
  }
  assert.match(stderr, /epoch 2 .*step 4\/4 .*loss/);
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json'])
    assert.ok(fs.existsSync(path.join(out, file)));
});

test('the same seed gives the same file, byte for byte; another one does not', async () => {
  const weights = async (seed: string) => {
    const out = output();
    await train({ out, seed });
    return fs.readFileSync(path.join(out, 'model.safetensors'));
  };
  const first = await weights('3');
  assert.ok(first.equals(await weights('3')));
  assert.ok(!first.equals(await weights('4')));
});

test('resumed with nothing but its folder, a run ends with the same file; a new run over it is refused', async (context) => {
  const out = output();
  const weights = () => fs.readFileSync(path.join(out, 'model.safetensors'));
  const options = { accumulate: '2', epochs: '3', 'checkpoint-every': '1' };
  assert.equal((await train({ out, ...options })).code, 0);
  const expected = weights();
  fs.rmSync(path.join(out, 'checkpoint-3'), { recursive: true });
  fs.rmSync(path.join(out, 'model.safetensors'));
  const refused = await trainHere(context, { out, ...options });
  assert.match(refused.stderr, /^error: E_TRAIN_OUTPUT: .*resume latest/);
  const { stdout, stderr } = await spanlab(['train', '--out', out, '--resume', 'latest', '--json']);
  assert.equal((JSON.parse(stdout) as { steps: number }).steps, 3, stderr);
  assert.ok(weights().equals(expected));
});

test('files edited between a stop and going on: refused by name, taken where the person insists', async (context) => {
  const [own, dev] = [temporaryFile(''), temporaryFile('')];
  const restore = () => [own, dev].forEach((file) => fs.copyFileSync(good, file));
  const edit = (file: string, from: string, to: string) =>
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(from, to));
  restore();
  const out = output();
  const options = { out, train: own, dev, 'evaluate-every': '1', 'checkpoint-every': '1', keep: '9' };
  assert.equal((await train(options)).code, 0);
  for (const step of [3, 4]) fs.rmSync(path.join(out, `checkpoint-${step}`), { recursive: true });
  const again = { ...options, resume: 'latest' };
  edit(own, 'Which?', 'Who?');
  const other = await trainHere(context, again);
  assert.match(other.stderr, /error: E_CHECKPOINT_DATA: .*checkpoint-2: of other training data; .*--accept-changes/);
  restore();
  edit(dev, 'Which?', 'Who?');
  const judged = await trainHere(context, again);
  assert.match(judged.stderr, /error: E_CHECKPOINT_DATA: .*checkpoint-2: the questions to evaluate on, .*have changed/);
  edit(own, 'Which?', 'Who?');
  const taken = await trainHere(context, { ...again, 'accept-changes': 'yes' });
  assert.equal(taken.code, 0, taken.stderr);
});

test('evaluated as it goes, it keeps the best model; options come from a file', async () => {
  const [out, options] = [output(), temporaryFile({ epochs: 2, evaluateEvery: 2, keepCheckpoints: 1 })];
  const { stdout, stderr } = await train({ out, options, dev: good });
  const result = JSON.parse(stdout) as { steps: number; best_step: number; f1: number };
  assert.equal(result.steps, 4, stderr);
  assert.ok([2, 4].includes(result.best_step) && Number.isFinite(result.f1));
  const best = path.join(out, `checkpoint-${result.best_step}`, 'model.safetensors');
  assert.ok(fs.readFileSync(path.join(out, 'model.safetensors')).equals(fs.readFileSync(best)));
  const saved = JSON.parse(fs.readFileSync(path.join(out, 'options.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual([saved.train, saved.epochs, saved.evaluateEvery], [good, 2, 2]);
});

test('--columns and --encoding are of --train; a --dev of another form is read as it is; resuming knows them', async () => {
  const own = temporaryFile('').replace(/\.json$/, '.csv');
  const text = 'Маяк построила Анна в 1874 году.';
  const bytes = (line: string) => Buffer.from(Array.from(line, (sign) => (/[А-я]/.test(sign) ? sign.charCodeAt(0) - 0x410 + 0xc0 : sign.charCodeAt(0)))); // prettier-ignore
  fs.writeFileSync(own, bytes(`ask;body;reply\nКогда?;${text};1874\nКто?;${text};Анна\n`));
  const out = output();
  const changes = { train: own, columns: 'question=ask,context=body,answer=reply', encoding: 'windows-1251' };
  const first = await train({ ...changes, out, dev: good, steps: '2', 'checkpoint-every': '1' });
  assert.equal(first.code, 0, first.stderr);
  assert.equal((JSON.parse(first.stdout) as { features: number }).features, 2);
  const again = await spanlab(['train', '--out', out, '--resume', 'latest', '--json']);
  assert.equal(again.code, 0, again.stderr);
  const wrong = await train({ ...changes, columns: 'question=frage', out: output() });
  assert.match(wrong.stderr, /error: E_SQUAD_COLUMNS: .*names "frage" \(for question\)/);
});

test('prepared: a folder with model, rows and options, and nothing trained', async () => {
  const out = output();
  const { code, stdout } = await train({ out, prepare: 'yes' });
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { prepared: string }).prepared, path.join(out, 'checkpoint-0'));
  assert.ok(fs.existsSync(path.join(out, 'features.bin')));
  const [run] = JSON.parse((await spanlab(['runs', path.dirname(out), '--json'])).stdout) as { status: string }[];
  assert.equal(run.status, 'prepared');
});

test('Ctrl-C saves what has been learned', async () => {
  const out = output();
  const bin = path.join(projectRoot(), 'src', 'cli', 'bin.cjs');
  const args = [
    'train',
    '--model',
    model,
    '--train',
    good,
    '--out',
    out,
    '--epochs',
    '100000',
    '--batch',
    '1',
    '--json',
  ];
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NODE_OPTIONS: '' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
    if (/step \d/.test(stderr) && !child.killed) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as { stopped: boolean }).stopped, true);
  assert.match(stderr, /stopping after this step/);
  assert.match(fs.readdirSync(out).join(' '), /checkpoint-\d+/);
  assert.ok(fs.existsSync(path.join(out, 'model.safetensors')));
});

describe('bad input is one line with a code, found before anything is trained', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const misplaced = () => temporaryFile(onePassage(context, [question('Ada', 0, 'lost')]));
  const cases: [string, () => Record<string, string>, RegExp][] = [
    ['a missing file', () => ({ train: '/nowhere.json' }), /^error: E_FILE_MISSING: \/nowhere\.json: /],
    ['truncated JSON', () => ({ train: temporaryFile('{"data": [') }), /^error: E_SQUAD_JSON: /],
    ['another schema', () => ({ train: temporaryFile({ rows: [] }) }), /^error: E_SQUAD_SCHEMA: .*data/],
    ['an answer that is not there', () => ({ train: misplaced() }), /^error: E_SQUAD_ANSWER: .*question lost/],
    ['a bad file to evaluate on', () => ({ dev: misplaced() }), /^error: E_SQUAD_ANSWER: /],
    [
      'no questions',
      () => ({ train: temporaryFile({ data: [] }) }),
      /^error: E_SQUAD_EMPTY: .*\.json: it has no questions/,
    ],
    ['a folder without a model', () => ({ model: folder }), /^error: E_MODEL_UNKNOWN: .*config\.json/],
    ['a name that cannot be one', () => ({ model: 'no/such/model' }), /^error: E_MODEL_UNKNOWN: /],
    ['a place that is a file', () => ({ out: path.join(good, 'out') }), /^error: E_FILE: /],
  ];
  for (const [title, changes, line] of cases) {
    test(title, async (context) => {
      const { code, stderr } = await trainHere(context, changes());
      assert.equal(code, 1);
      assert.match(stderr, line);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    });
  }

  test('a wrong number is wrong usage', async (context) => {
    const { code, stderr } = await trainHere(context, { epochs: 'two' });
    assert.equal(code, 2);
    assert.match(stderr, /^error: E_USAGE: train: --epochs is "two"/);
  });
});

describe('few examples', () => {
  test('mixed data, a frozen layer, a teacher and changed copies at once; stopped, it goes on with them', async () => {
    const out = output();
    const changes = {
      mix: `${good}:0.4`,
      freeze: '1',
      teacher: model,
      augment: '2',
      'least-steps': '9',
      epochs: '1',
      batch: '2',
      'checkpoint-every': '4',
    };
    const { code, stdout, stderr } = await train({ ...changes, out, json: 'yes' });
    assert.equal(code, 0, stderr);
    const { steps, features } = JSON.parse(stdout) as Record<string, number>;
    assert.deepEqual([steps, features], [10, 12]); // 12 own rows and 8 general ones, two in a batch
    const run = JSON.parse(fs.readFileSync(path.join(out, 'run.json'), 'utf8')) as { options: object; data: object };
    const { mix, teacher, freeze, mixShare } = run.options as Record<string, unknown>;
    assert.deepEqual([mix, teacher, freeze, mixShare], [good, model, 1, 0.4]);
    assert.deepEqual(Object.keys(run.data).sort(), ['mix', 'own', 'rows', 'sha256', 'tokens', 'train']);
    const again = await spanlab(['train', '--out', out, '--resume', 'latest', '--json']);
    assert.equal(again.code, 0, again.stderr);
    const { starts } = JSON.parse(fs.readFileSync(path.join(out, 'run.json'), 'utf8')) as {
      starts: { step: number }[];
    };
    assert.deepEqual(starts.map(({ step }) => step), [0, 8]); // prettier-ignore
  });

  test('a teacher with other tokens, or one that answers nothing', async () => {
    const other = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
    fs.cpSync(model, other, { recursive: true });
    const file = path.join(other, 'tokenizer.json');
    const text = fs.readFileSync(file, 'utf8');
    const [built, kept] = ['built', 'kept'].map((word) => new RegExp(`"${word}": ?(\\d+)`).exec(text)![1]);
    const swapped = text.replace(/"built": ?\d+/, `"built": ${kept}`).replace(/"kept": ?\d+/, `"kept": ${built}`);
    fs.writeFileSync(file, swapped);
    const tokens = await train({ teacher: other });
    assert.equal(tokens.code, 1);
    assert.match(tokens.stderr, /error: E_TRAIN_TEACHER: .*same vocabulary/);
    const bare = await train({ teacher: 'workshop' });
    assert.equal(bare.code, 1);
    assert.match(bare.stderr, /error: E_TRAIN_TEACHER: .*without an answer head/);
  });
});

describe('--choose', () => {
  const place = (number: number) => `In 18${number} the ship Alma ${number} came from Porto.`;
  const texts = [10, 20, 30, 40].map((number) => ({
    title: `Ship ${number}`,
    paragraphs: [
      {
        context: place(number),
        qas: [
          question(`18${number}`, 3, `y${number}`),
          question('Porto', place(number).indexOf('Porto'), `p${number}`),
        ],
      },
    ],
  }));
  const ships = temporaryFile({ version: 'v2.0', data: texts });
  const pointsIn = (out: string) =>
    (JSON.parse(fs.readFileSync(path.join(out, 'choose', 'curve.json'), 'utf8')) as { points: { way: string }[] })
      .points;

  test('tries what is given on held-out parts, says what it found, and trains; what was tried is not tried again', async () => {
    const out = output();
    const command = { out, train: ships, choose: 'yes', folds: '3', augment: '1', steps: '2', 'max-length': '64' };
    const first = await train(command);
    assert.equal(first.code, 0, first.stderr);
    const ways = ['trained', 'half the rate', 'double the rate', 'augment'];
    const points = pointsIn(out);
    assert.deepEqual(points.map(({ way }) => way), [...ways, ...ways, ...ways]); // prettier-ignore
    assert.match(first.stderr, /12 of 12 {2}augment, part 3: F1 [\d.]+ %/);
    assert.match(first.stderr, /^half the rate +3 /m);
    const { chosen, choices } = JSON.parse(first.stdout) as { chosen: string; choices: { way: string }[] };
    assert.deepEqual(choices.map(({ way }) => way), ways); // prettier-ignore
    const { learningRate, augment } = JSON.parse(fs.readFileSync(path.join(out, 'options.json'), 'utf8')) as {
      learningRate: number;
      augment?: number;
    };
    const rate = chosen === 'half the rate' ? 2.5e-5 : chosen === 'double the rate' ? 1e-4 : 5e-5;
    assert.deepEqual([learningRate, augment], [rate, chosen === 'augment' ? 1 : undefined]);

    fs.rmSync(path.join(out, 'run.json')); // as if it had been stopped before it trained
    const again = await train(command);
    assert.doesNotMatch(again.stderr, / of 12 /);
    assert.deepEqual(pointsIn(out), points);
  });

  test('is refused where there is nothing to hold out, and with a teacher', async (t) => {
    const few = await trainHere(t, { choose: 'yes' });
    assert.equal(few.code, 1);
    assert.match(few.stderr, /E_CHOOSE.*on 1 texts/s);
    const taught = await trainHere(t, { choose: 'yes', teacher: model });
    assert.equal(taught.code, 2);
    assert.match(taught.stderr, /--choose tries no teacher/);
  });
});
