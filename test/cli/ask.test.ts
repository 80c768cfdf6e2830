// `spanlab ask`, `evaluate` and `tune`: what they print and leave, and what they refuse.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import { evaluationSource } from '../../src/evaluation/source';
import { spanlab } from './run';
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
      [['--question', 'x'], 2, /give the text by --context or --context-file/],
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
    assert.equal(config.answer_temperature, (JSON.parse(tuned.stdout) as Record<string, number>).temperature);
    // this model has learned nothing: "no answer" may now be an answer
    const [first] = await ask('--question', 'Who?', '--context', CONTEXT);
    assert.equal(typeof first.answer, 'string');
  });

  test('questions that all have an answer: a temperature, no threshold; and how sure answers are elsewhere', async () => {
    const folder = await smallModel();
    const { code, stdout, stderr } = await spanlab(['tune', '--model', folder, '--data', answered(), '--check', DEV]);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /temperature of \d+(\.\d+)?, stored in .*\n.*answers above 80 %: .*\n.*dev\.json, \d+ questions: /,
    );
    assert.match(stdout, /No threshold for "no answer" was chosen/);
    const config = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(config.null_score_diff_threshold, undefined);
    assert.equal(typeof config.answer_temperature, 'number');
  });
});

/** A file in which every question has an answer. */
function answered(): string {
  return temporaryFile(onePassage(CONTEXT, [question('Ada', CONTEXT.indexOf('Ada'), 'a')]));
}
