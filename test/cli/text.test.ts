// What commands print for people: tables, percentages, one unit each, and the next step. JSON has tests of its own.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { answerText } from '../../src/cli/answer-text';
import { EXAMPLES } from '../../src/cli/examples';
import { wrapCommand, wrapUsage } from '../../src/cli/help';
import { metricsText } from '../../src/show/metrics-text';
import { publishedText } from '../../src/cli/publish-text';
import { trainingText } from '../../src/cli/train-text';
import { TrainingProgress } from '../../src/show/progress';
import { recentMean } from '../../src/training/recent';
import type { StepReport } from '../../src/training/state';
import { percent, probability, textTable } from '../../src/show/text-table';
import { spanlab } from './run';

describe('numbers', () => {
  test('a percentage has one decimal and its unit', () => {
    assert.deepEqual([0, 34.375, 100].map(percent), ['0.0 %', '34.4 %', '100.0 %']);
  });

  test('a probability is whole percent; what is small is not said to be nothing', () => {
    assert.deepEqual([0, 0.0000217, 0.187, 1].map(probability), ['0 %', '<1 %', '19 %', '100 %']);
    assert.equal(probability(NaN), '? %');
  });

  test('columns: texts to the left, numbers and percentages to the right', () => {
    const rows = [{ '': 'all', n: 224, F1: '39.7 %' }, { '': 'without', n: 5, F1: '4.0 %' }]; // prettier-ignore
    assert.equal(textTable(rows), '           n      F1\nall      224  39.7 %\nwithout    5   4.0 %\n');
  });
});

describe('scores', () => {
  test('one row for each kind of question, all in percent', () => {
    const text = metricsText({
      exact: 34.375, f1: 39.68, total: 224, HasAns_exact: 24.6, HasAns_f1: 29.6, HasAns_total: 168,
      NoAns_exact: 63, NoAns_f1: 63, NoAns_total: 56, start_accuracy: 0.331548, end_accuracy: 0.375,
    }); // prettier-ignore
    const [head, all, some, none, positions] = text.split('\n');
    assert.match(head, /^ +questions +exact match +F1$/);
    assert.match(all, /^all questions +224 +34\.4 % +39\.7 %$/);
    assert.match(some, /^with an answer +168 +24\.6 % +29\.6 %$/);
    assert.match(none, /^without an answer +56 +63\.0 % +63\.0 %$/);
    assert.match(positions, /33\.2 % of the rows, the last in 37\.5 %/);
    assert.doesNotMatch(text, /_|0\.33|undefined|NaN/);
  });

  test('SQuAD v1 has one row; a better threshold is named with its option', () => {
    const text = metricsText({ exact: 1, f1: 2, total: 3, best_f1: 50, best_f1_thresh: -1.25 });
    assert.equal(text.split('\n').length, 4);
    assert.match(text, /--null-threshold -1\.25/);
  });
});

describe('answers', () => {
  test('the question, each answer on one line with its probability', () => {
    const answers = [{ answer: 'Ada\n Lovelace', score: 0.9 }, { answer: '', score: 0.001 }]; // prettier-ignore
    assert.equal(answerText(' Who won? ', answers), 'Who won?\n  Ada Lovelace   90 %\n  (no answer)    <1 %\n');
  });
});

describe('training and publishing', () => {
  const outcome = { out: 'models/mine', backend: 'tensorflow', precision: 'bf16', steps: 10, stopped: false, epoch_losses: [3.81, 2], examples_per_second: 12.34, seconds: 75 }; // prettier-ignore

  test('how it went, how good it is, and what to type next', () => {
    const text = trainingText({ ...outcome, exact: 30, f1: 40, total: 5 });
    assert.match(text, /^Trained 10 steps in 1 min 15 s, 12\.3 rows a second \(tensorflow, bf16\)\.\n/);
    assert.match(text, /Mean loss of each epoch: 3\.81, 2\.00\./);
    assert.match(text, /all questions +5 +30\.0 % +40\.0 %/);
    assert.match(text, /spanlab ask --model models\/mine/);
  });

  test('the losses of the bar, of the end and of `runs` are one number', () => {
    const losses = Array.from({ length: 25 }, (_, i) => 10 - 0.3 * i);
    const report = { epoch: 0, step: 1, totalSteps: 25, tokens: 1, seconds: 1, memory: 1 } as unknown as StepReport;
    let shown = '';
    const progress = new TrainingProgress({ isTTY: true, columns: 200, write: (text: string) => ((shown += text), true) } as never); // prettier-ignore
    for (const loss of losses) progress.update({ ...report, loss });
    progress.finish();
    const mean = recentMean(losses)!;
    assert.equal(mean.toFixed(3), '5.650'); // of the last 20
    assert.match(shown, /loss 5\.650/);
    assert.match(trainingText({ ...outcome, loss: mean }), /Mean loss of the last 20 steps.*: 5\.650\./);
  });

  test('one of a thing is not called several', () => {
    assert.match(trainingText({ ...outcome, steps: 1 }), /^Trained 1 step in/);
  });

  test('stopped: the command that goes on', () => {
    const text = trainingText({ ...outcome, stopped: true, best_step: 5 });
    assert.match(text, /^Stopped after 10 steps/);
    assert.match(text, /The best model was that of step 5/);
    assert.match(text, /spanlab train --out models\/mine --resume latest\n$/);
  });

  test('files with their sizes in one unit, and their sum', () => {
    const text = publishedText({ model: 'm', web: { 'index.html': 1829, 'model.onnx': 23_500_000 } }, 'site');
    assert.match(text, /index\.html +<0\.1\nmodel\.onnx +23\.5\ntogether +23\.5\n/);
    assert.match(text, /npx serve site/);
  });
});

describe('--help', () => {
  for (const [name, examples] of Object.entries(EXAMPLES)) {
    test(`${name}: its examples are shown and name options that exist`, async () => {
      const { stdout } = await spanlab([...name.split(' '), '--help']);
      assert.doesNotMatch(stdout, / $|^.{101}/m);
      const shown = stdout.replaceAll(' \\\n      ', ' ');
      assert.match(stdout, new RegExp(`USAGE .*spanlab ${name}\\b`));
      for (const example of examples) {
        assert.ok(shown.includes(`  ${example}\n`));
        assert.ok(example.startsWith(`npx spanlab ${name}`));
        const flags = example.match(/(?<=\s)--[a-z-]+/g) ?? [];
        for (const flag of flags) assert.match(stdout.split('EXAMPLES')[0], new RegExp(`${flag}\\b`));
      }
    });
  }
});

test('every command has two examples below its help at least, those with subcommands too', async () => {
  const { stdout } = await spanlab([]);
  const names = stdout.match(/^ {2,}[a-z]+(?= {2,})/gm)!.map((name) => name.trim());
  assert.ok(names.includes('data') && names.length > 15, names.join());
  for (const name of names) {
    const help = (await spanlab([name, '--help'])).stdout;
    assert.ok((help.match(/^ {2}npx spanlab /gm) ?? []).length >= 2, `${name}\n${help}`);
  }
});

test('help is as wide as the terminal: descriptions and commands go on where they began', () => {
  const usage = 'USAGE x\n\n   --seed=<N>    of all that is random here   \n   --all    \u001b[90mnone\u001b[39m';
  const wrapped =
    'USAGE x\n\n   --seed=<N>    of all that is random\n                 here\n   --all    \u001b[90mnone\u001b[39m';
  assert.equal(wrapUsage(usage, 40), wrapped);
  assert.equal(wrapCommand('npx spanlab train --a 1 --b 2', 24), 'npx spanlab train \\\n      --a 1 --b 2');
});

test('no command prints JSON or names of variables where --json is not given', async () => {
  const dev = 'data/workshop/dev.json';
  const commands = [['data', 'stats', dev], ['data', 'check', dev], ['doctor'], ['model']];
  for (const command of commands) {
    const { code, stdout, stderr } = await spanlab(command);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout, /[{}[\]"]|\d\.\d{4}|[a-z]_[a-z]/, command.join(' '));
    const parsed: unknown = JSON.parse((await spanlab([...command, '--json'])).stdout);
    assert.equal(typeof parsed, 'object');
  }
});
