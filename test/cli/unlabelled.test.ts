// Questions that nobody has answered yet: predicted and in no metric by `evaluate`, answered by `ask --data`, named by `train`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { spanlab } from './run';
import { smallModel } from './small-model';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903.';
const answer = [{ text: 'Ilse Brandt', answer_start: 35 }];

let model: string;
let folder: string;
before(async () => {
  model = await smallModel();
  folder = path.dirname(model);
});

function write(name: string, ...qas: object[]): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, JSON.stringify({ data: [{ title: 'Mill', paragraphs: [{ context: CONTEXT, qas }] }] }));
  return file;
}

const read = (...parts: string[]) => JSON.parse(fs.readFileSync(path.join(folder, ...parts), 'utf8')) as Record<string, unknown>; // prettier-ignore

test('some labels: metrics are of those that have one, predictions of all', async () => {
  const file = write('some.json', { id: 'a', question: 'Who?', answers: answer }, { id: 'b', question: 'When?' });
  const args = ['--model', model, '--data', file, '--out', path.join(folder, 'some'), '--json'];
  const { code, stdout, stderr } = await spanlab(['evaluate', ...args]);
  assert.equal(code, 0, stderr);
  const { total, HasAns_total, NoAns_total, unlabelled } = JSON.parse(stdout) as Record<string, number>;
  assert.deepEqual([total, HasAns_total, NoAns_total, unlabelled], [1, 1, undefined, 1]);
  for (const name of ['predictions.json', 'nbest_predictions.json', 'null_odds.json']) assert.deepEqual(Object.keys(read('some', name)), ['a', 'b']); // prettier-ignore
  assert.equal(read('some', 'eval_results.json').eval_unlabelled, 1);
  assert.match(fs.readFileSync(path.join(folder, 'some', 'predictions.csv'), 'utf8'), /^id,title,question,prediction,probability,null_odds\na,Mill,Who\?,[^]+\nb,Mill,When\?,/); // prettier-ignore
  assert.ok(fs.existsSync(path.join(folder, 'some', 'report.html')));
  assert.match(stderr, /qas\[1\]: nobody has said what its answer is/);
});

test('no labels: no metrics; ask --data says the same', async () => {
  const file = path.join(folder, 'none.csv');
  fs.writeFileSync(file, `id,question,context\na,Who?,${CONTEXT}\nb,When?,${CONTEXT}\n`);
  const out = path.join(folder, 'none');
  const { code, stdout, stderr } = await spanlab([
    'evaluate',
    '--model',
    model,
    '--data',
    file,
    '--out',
    out,
    '--json',
  ]);
  assert.deepEqual([code, JSON.parse(stdout)], [0, { unlabelled: 2 }], stderr);
  assert.ok(!('eval_exact' in read('none', 'eval_results.json')));
  const asked = await spanlab(['ask', '--model', model, '--data', file, '--out', path.join(folder, 'asked'), '--max-answer-length', '30', '--json']); // prettier-ignore
  assert.deepEqual([asked.code, JSON.parse(asked.stdout)], [0, { out: path.join(folder, 'asked'), questions: 2 }], asked.stderr); // prettier-ignore
  assert.deepEqual(read('asked', 'predictions.json'), read('none', 'predictions.json'));
  const printed = await spanlab(['ask', '--model', model, '--data', file, '--max-answer-length', '30', '--json']);
  const rows = JSON.parse(printed.stdout) as { id: string; prediction: string }[];
  assert.deepEqual(Object.fromEntries(rows.map(({ id, prediction }) => [id, prediction])), read('none', 'predictions.json')); // prettier-ignore
  assert.ok(rows.every(({ prediction }) => prediction !== '' && CONTEXT.includes(prediction)));
  const both = await spanlab(['ask', '--model', model, '--data', file, '--question', 'Who?']);
  assert.deepEqual(
    [both.code, /E_USAGE: .*--data already has the questions/.test(both.stderr)],
    [2, true],
    both.stderr,
  );
});

test('texts of which nothing can be read are never answered with certainty, and never in silence', async () => {
  const file = path.join(folder, 'unseen.json');
  const args = ['--model', model, '--data', file, '--json'];
  const write = (...contexts: string[]) => fs.writeFileSync(file, JSON.stringify(contexts.map((context, i) => ({ id: `q${i}`, question: 'Who?', context })))); // prettier-ignore
  // nobody sees it: as an empty text
  for (const unseen of ['\u200b\u200b', '\u2060\ufeff\u00ad', '\u3164', '\u0000']) {
    write(unseen, CONTEXT);
    const asked = await spanlab(['ask', ...args]);
    assert.deepEqual((JSON.parse(asked.stdout) as { id: string }[]).map(({ id }) => id), ['q1'], asked.stderr); // prettier-ignore
    assert.match(asked.stderr, /\[0\]\.context: the context has only characters that nobody sees \(left out\)/);
  }
  const evaluated = await spanlab(['evaluate', ...args]);
  assert.match(evaluated.stderr, /error: E_SQUAD_ANSWER: .*only characters that nobody sees/);
  write('\u200b');
  for (const out of [[], ['--out', path.join(folder, 'nothing')]]) {
    const { code, stderr } = await spanlab(['ask', ...args, ...out]);
    assert.deepEqual([code, /error: E_SQUAD_EMPTY: .*nothing could be kept/.test(stderr)], [1, true], stderr);
  }
  assert.ok(!fs.existsSync(path.join(folder, 'nothing')));
  // this tokenizer drops it
  write('\ufffd', CONTEXT);
  const asked = await spanlab(['ask', ...args]);
  const [dropped, read] = JSON.parse(asked.stdout) as { prediction: string; probability: number }[];
  assert.deepEqual([asked.code, dropped.prediction, dropped.probability], [0, '', 0]);
  assert.ok(read.prediction !== '' && read.probability > 0);
  for (const { stderr } of [asked, await spanlab(['evaluate', ...args])]) {
    assert.match(
      stderr,
      /warning: of 1 of 2 texts \(of q0\) the tokenizer keeps nothing: their questions have no answer/,
    );
  }
  write('\ufffd');
  for (const command of ['ask', 'evaluate']) {
    const { code, stderr } = await spanlab([command, ...args]);
    assert.deepEqual([code, /error: E_ASK_CONTEXT: every text \(of q0\) has only/.test(stderr)], [1, true], stderr);
  }
});

test('tune and train name what has no label', async () => {
  const none = write('two.json', { id: 'a', question: 'Who?' }, { id: 'b', question: 'When?', answers: null });
  const out = path.join(folder, 'run');
  for (const args of [['tune', '--model', model, '--data', none], ['train', '--model', model, '--train', none, '--out', out]]) {
    const { code, stderr } = await spanlab(args);
    assert.equal(code, 1);
    assert.match(stderr, /error: E_SQUAD_UNLABELLED: .*2 questions have no label \(a, b\)/);
  }
  const some = write('more.json', { id: 'a', question: 'Who?', answers: answer }, { id: 'b', question: 'When?' });
  const trained = await spanlab(['train', '--model', model, '--train', some, '--out', out, '--steps', '1', '--json']);
  assert.equal(trained.code, 0, trained.stderr);
  assert.match(trained.stderr, /more\.json: one question has no label \(b\): left out/);
  assert.equal((JSON.parse(trained.stdout) as { features: number }).features, 1);
}); // prettier-ignore

test('no answers means none, flag or not: evaluate, tune and stats agree', async () => {
  const questions = (flag: object) => [
    { id: 'a', question: 'Who bought it?', answers: answer },
    { id: 'b', question: 'Who painted it?', answers: [], ...flag },
  ];
  const [bare, flagged] = [write('bare.json', ...questions({})), write('flagged.json', ...questions({ is_impossible: true }))];
  const rows = path.join(folder, 'rows.jsonl');
  const hugging = [{ text: ['Ilse Brandt'], answer_start: [35] }, { text: [], answer_start: [] }];
  fs.writeFileSync(rows, hugging.map((answers, i) => JSON.stringify({ id: 'ab'[i], context: CONTEXT, question: questions({})[i].question, answers })).join('\n'));
  const printed = async (command: string[], file: string) => {
    const { code, stdout, stderr } = await spanlab([...command, file, '--json']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const evaluated = await printed(['evaluate', '--model', model, '--data'], flagged);
  for (const file of [bare, rows]) assert.deepEqual(await printed(['evaluate', '--model', model, '--data'], file), evaluated);
  assert.equal((await printed(['data', 'stats'], rows)).impossible_share, 0.5);
  assert.equal(typeof (await printed(['tune', '--model', model, '--data'], bare)).null_threshold, 'number');
}); // prettier-ignore

test('nothing kept is exit code 1, and nothing is written; ids used twice are said', async () => {
  const lost = write('lost.json', { id: 'a', question: 'Who?', answers: [{ text: 'Eve', answer_start: 0 }] });
  const out = path.join(folder, 'lost-out.json');
  const { code, stderr } = await spanlab(['data', 'convert', lost, '--out', out, '--mend']);
  assert.deepEqual([code, fs.existsSync(out), /E_SQUAD_EMPTY: .*nothing could be kept/.test(stderr)], [1, false, true], stderr); // prettier-ignore
  const qas = ['Who?', 'Whose?'].map((question) => ({ id: 'a', question, answers: answer }));
  const twice = await spanlab(['evaluate', '--model', model, '--data', write('twice.json', ...qas), '--json']);
  assert.equal((JSON.parse(twice.stdout) as { total: number }).total, 1);
  assert.match(twice.stderr, /qas\[1\]\.id: .*the id "a" was there before; of all with this id the last counts/);
});

test('--to writes any form, --columns names fields, a form that is none is refused', async () => {
  const foreign = path.join(folder, 'foreign.csv');
  fs.writeFileSync(foreign, `frage,absatz,loesung\nWer?,${CONTEXT},Ilse Brandt\n`);
  const refused = await spanlab(['data', 'convert', foreign, '--out', path.join(folder, 'x.json')]);
  assert.match(refused.stderr, /error: E_SQUAD_TABLE: .*--columns "question=frage,context=absatz,answer=loesung"/);
  const columns = ['--columns', 'question=frage,context=absatz,answer=loesung'];
  const made = path.join(folder, 'made.jsonl');
  const { code, stderr } = await spanlab(['data', 'convert', foreign, ...columns, '--to', 'mrqa', '--out', made]);
  assert.equal(code, 0, stderr);
  assert.deepEqual((JSON.parse(fs.readFileSync(made, 'utf8').split('\n')[1]) as { qas: { detected_answers: unknown }[] }).qas[0].detected_answers, [{ text: 'Ilse Brandt', char_spans: [[35, 45]] }]); // prettier-ignore
  for (const args of [['--to', 'nothing'], ['--columns', 'frage=question']]) {
    assert.equal((await spanlab(['data', 'convert', foreign, ...columns.slice(0, args[0] === '--to' ? 2 : 0), ...args, '--out', made])).code, 2);
  }
}); // prettier-ignore
