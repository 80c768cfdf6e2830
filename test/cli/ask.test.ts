// `spanlab ask`, `evaluate` and `tune`: what they print and leave, and what they refuse.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import { evaluationSource } from '../../src/evaluation/source';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { writeSafetensors } from '../../src/model/safetensors/write';
import { spanlab } from './run';
import { readSquadRecords } from '../../src/squad/read';
import { standingOf } from '../../src/squad/words';
import { onePassage, question, temporaryFile } from '../squad/files';
import { smallModel } from './small-model';

const ROOT = path.resolve(__dirname, '..', '..');
const CONTEXT = 'In the end Ada won the race, and 🎉 Łódź cheered.';
const DEV = path.join(ROOT, 'data', 'workshop', 'dev.json');

let model: string;
before(async () => (model = await smallModel()));

interface Answer {
  answer: string;
  score: number;
  start: number;
  end: number;
}

async function ask(...args: string[]): Promise<Answer[]> {
  const { code, stdout, stderr } = await spanlab(['ask', '--model', model, '--json', ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Answer[];
}

function assertSlices(answers: Answer[]): void {
  for (const { answer, score, start, end } of answers) {
    assert.equal(answer, CONTEXT.slice(start, end));
    assert.ok(answer.length > 0 && score > 0 && score <= 1);
  }
}

describe('ask', () => {
  test('an array of answers, best first, each a slice of the text', async () => {
    const answers = await ask('--question', 'Who won?', '--context', CONTEXT, '--top-k', '3');
    assert.equal(answers.length, 3);
    assertSlices(answers);
    assert.deepEqual(await ask('--question', 'Who won?', '--context', CONTEXT), answers.slice(0, 1));
  });

  test('the text may come from a file', async () => {
    const file = path.join(path.dirname(model), 'context.txt');
    fs.writeFileSync(file, CONTEXT);
    assertSlices(await ask('--question', 'Who won?', '--context-file', file));
  });

  test('without a question, each line of the terminal is one', async () => {
    const bin = path.join(ROOT, 'src', 'cli', 'bin.cjs');
    const child = spawn(process.execPath, [bin, 'ask', '--model', model, '--context', CONTEXT, '--json']);
    child.stdin.end('Who won?\n\nWhich town cheered?\n');
    let out = '';
    for await (const text of child.stdout) out += String(text);
    const answers = out.trim().split('\n').map((line) => JSON.parse(line) as Answer[]); // prettier-ignore
    assert.equal(answers.length, 2);
    assertSlices(answers.flat());
  });

  test('what is wrong is one line', async () => {
    const cases: [string[], number, RegExp][] = [
      [['--question', 'x'], 2, /give the text with --context or --context-file/],
      [['--question', 'x', '--context', CONTEXT, '--context-file', 'y'], 2, /--context or --context-file/],
      [['--question', 'x', '--context', CONTEXT, '--top-k', '0'], 2, /--top-k is "0"/],
      [['--question', 'x', '--context-file', '/nowhere'], 1, /^error: E_FILE_MISSING: .*\/nowhere/],
      [['--question', ' ', '--context', CONTEXT], 1, /^error: E_ASK_QUESTION: a question is empty/],
      [['--question', 'x', '--context', '\n'], 1, /^error: E_ASK_CONTEXT: the context is empty/],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stdout, stderr } = await spanlab(['ask', '--model', model, ...args]);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    }
  });
});

describe('evaluate and tune', () => {
  test('files of predictions and of raw scores', async () => {
    const out = path.join(path.dirname(model), 'out');
    const logits = path.join(path.dirname(model), 'logits.safetensors');
    const args = ['evaluate', '--model', model, '--data', DEV, '--out', out, '--logits', logits, '--json'];
    const { code, stdout, stderr } = await spanlab(args);
    assert.equal(code, 0, stderr);
    const { exact, total } = JSON.parse(stdout) as { exact: number; total: number };
    const read = (name: string) => JSON.parse(fs.readFileSync(path.join(out, name), 'utf8')) as Record<string, unknown>;
    assert.equal(Object.keys(read('predictions.json')).length, total);
    assert.equal(read('eval_results.json').eval_exact, exact);
    // what a card needs to say whose metrics these are
    assert.deepEqual(read('eval_results.json').evaluated, evaluationSource(DEV, model));
    assert.ok(fs.statSync(logits).size > 10_000);
    assert.match(
      fs.readFileSync(path.join(out, 'report.html'), 'utf8'),
      /<h1>model on [^<]+\.json<\/h1>[^]*<h2>Calibration/,
    );

    // what any program can make of these files is what evaluate printed
    const files = [
      '--predictions',
      path.join(out, 'predictions.json'),
      '--null-odds',
      path.join(out, 'null_odds.json'),
    ];
    const scored = await spanlab(['score', '--data', DEV, ...files, '--null-threshold', '1e9', '--json']);
    assert.equal((JSON.parse(scored.stdout) as { exact: number }).exact, exact);
  });

  test('a tuned threshold is stored, and then used', async () => {
    const tuned = await spanlab(['tune', '--model', model, '--data', DEV, '--json']);
    assert.equal(tuned.code, 0, tuned.stderr);
    const { null_threshold, f1, f1_at_zero } = JSON.parse(tuned.stdout) as Record<string, number>;
    assert.ok(f1 >= f1_at_zero);
    const config = JSON.parse(fs.readFileSync(path.join(model, 'config.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(config.null_score_diff_threshold, null_threshold);
    const evaluated = await spanlab(['evaluate', '--model', model, '--data', DEV, '--json']);
    assert.ok(Math.abs((JSON.parse(evaluated.stdout) as { f1: number }).f1 - f1) < 1e-9);
    // nearly all of its answers are wrong, with probabilities near 0, which fixes no temperature
    assert.deepEqual([config.answer_temperature, JSON.parse(tuned.stdout).temperature_stored], [undefined, false]);
    assert.match(
      tuned.stderr,
      /warning: the best temperature would be 0\.25 or beyond, .*: 1 of 224 answers are right/,
    );
    // this model has learned nothing: "no answer" may now be an answer
    const [first] = await ask('--question', 'Who?', '--context', CONTEXT);
    assert.equal(typeof first.answer, 'string');
  });

  test('a temperature that is found is stored', async () => {
    const folder = await smallModel();
    sharpen(folder, 60);
    const out = path.join(path.dirname(folder), 'own');
    await spanlab(['evaluate', '--model', folder, '--data', DEV, '--out', out]);
    const predictions = JSON.parse(fs.readFileSync(path.join(out, 'predictions.json'), 'utf8')) as Record<
      string,
      string
    >;
    // what it says itself is right for one half of the questions, and for the other half something else
    const records = readSquadRecords(DEV).filter(({ id, context }) => isWhole(context, predictions[id]));
    const rows = records.map(({ context, question }, i) => {
      const said = predictions[records[i].id];
      return {
        id: String(i),
        context,
        question,
        answers: { text: [i % 2 === 0 ? said : context.split(' ')[0]], answer_start: [] },
      };
    });
    const data = path.join(path.dirname(folder), 'own.json');
    fs.writeFileSync(data, JSON.stringify(rows));
    const { code, stdout, stderr } = await spanlab(['tune', '--model', folder, '--data', data, '--json']);
    assert.equal(code, 0, stderr);
    const { temperature, temperature_stored } = JSON.parse(stdout) as Record<string, unknown>;
    const config = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([temperature_stored, config.answer_temperature], [true, temperature]);
  });

  test('one question, which has an answer: no temperature, no threshold, and why; how sure answers are elsewhere', async () => {
    const folder = await smallModel();
    const { code, stdout, stderr } = await spanlab(['tune', '--model', folder, '--data', answered(), '--check', DEV]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /answers above 80 %: .*\n.*dev\.json, \d+ questions: /);
    assert.match(stdout, /No threshold for "no answer" was chosen/);
    // one question fixes no temperature
    assert.match(stdout, /^No temperature was found, and none stored/);
    assert.match(
      stderr,
      /^warning: the best temperature would be (?:0\.25|3\.842) or beyond, .*: [01] of 1 answers are right/,
    );
    const config = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([config.null_score_diff_threshold, config.answer_temperature], [undefined, undefined]);
  });
});

/** Makes scores so many times as large: those of weights at random are all alike. */
function sharpen(folder: string, times: number): void {
  const file = path.join(folder, 'model.safetensors');
  const read = new SafetensorsFile(file);
  const tensors = [...read.tensors].map(([name, { shape }]) => {
    const values = Float32Array.from(
      read.readFloat32(name),
      (value) => (name.startsWith('qa_outputs') ? times : 1) * value,
    );
    return [name, { shape, values }] as const;
  });
  read.close();
  writeSafetensors(file, new Map(tensors));
}

/** Whether an answer is there in whole words: others are no good data. */
function isWhole(context: string, answer: string): boolean {
  const start = context.indexOf(answer);
  return answer !== '' && start >= 0 && standingOf(context, start, start + answer.length) === 'whole';
}

/** A file in which every question has an answer. */
function answered(): string {
  return temporaryFile(onePassage(CONTEXT, [question('Ada', CONTEXT.indexOf('Ada'), 'a')]));
}
