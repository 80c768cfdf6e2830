// `spanlab data`: check, convert, split and stats of files in every format.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { countFile } from '../../src/cli/data-counts';
import { countsText, splitText } from '../../src/cli/data-text';
import { publishedText } from '../../src/cli/publish-text';
import { trainingText } from '../../src/cli/train-text';
import { importData } from '../../src/squad/import';
import { spanlab } from './run';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const DEV = path.join(__dirname, '..', '..', 'data', 'workshop', 'dev.json');

const OUTCOME = { out: 'my model', backend: 'tensorflow', precision: 'fp32', steps: 1, stopped: false, epoch_losses: [], examples_per_second: 1, seconds: 1 }; // prettier-ignore

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await spanlab(['data', ...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const EXPECTED = { articles: 27, contexts: 27, questions: 224, impossible: 55, not_found: 0 };
/** Answers in the file, and first answers of its questions: a table has one answer a row. */
const [ALL, FIRST] = [313, 169];

test('check prints counts and where answers are; a converted file holds the same', async () => {
  const report = await json('check', DEV);
  for (const [name, count] of Object.entries({ ...EXPECTED, exact: ALL })) assert.equal(report[name], count, name);
  for (const name of ['dev.csv', 'dev.jsonl', 'dev2.json']) {
    const from = name === 'dev2.json' ? path.join(folder, 'dev.csv') : DEV;
    const { code, stderr } = await spanlab(['data', 'convert', from, '--out', path.join(folder, name)]);
    assert.equal(code, 0, stderr);
    const again = await json('check', path.join(folder, name));
    for (const [count, value] of Object.entries({ ...EXPECTED, exact: FIRST }))
      assert.equal(again[count], value, `${name}: ${count}`);
  }
});

test('every question and every answer is counted once, whatever is wrong with it', () => {
  const answered = (id: string, text: string, start: unknown, more: object = {}) => ({ id, question: 'Who?', answers: [{ text, answer_start: start }], ...more }); // prettier-ignore
  const context = 'The bus and US people know Ada won, and Ada left. “Bob”';
  const qas = [
    answered('inside, and elsewhere in another spelling', 'us', 2000),
    answered('one left', 'Ada', 28),
    answered('two left', 'won', 33),
    answered('within words', 'eop', 0),
    answered('in several places', 'Ada', 9),
    answered('elsewhere', 'people', 2),
    answered('nowhere', 'Zed', 0),
    answered('other quotes', '"Bob"', 0),
    answered('right', 'bus', 4),
    answered('right', 'bus', 4),
    answered('no question', 'bus', 4, { question: ' ' }),
    answered('no answer', 'bus', 4, { answers: [] }),
  ];
  const paragraphs = [
    { context, qas },
    { context: '', qas: [answered('no text', 'bus', 4)] },
  ];
  const file = path.join(folder, 'faults.json');
  fs.writeFileSync(file, JSON.stringify({ version: 'v2.0', data: [{ title: 'T', paragraphs }] }));
  const counts = countFile(importData(file));
  const { exact, one_left, two_left, found_elsewhere, respelled, within_words, not_found } = counts;
  assert.deepEqual(
    [exact, one_left, two_left, found_elsewhere, respelled, within_words, not_found],
    [2, 1, 1, 2, 2, 1, 1],
  );
  assert.deepEqual([counts.questions, counts.impossible, counts.unreadable, counts.unusable], [11, 1, 2, 6]);
  const [questions, faults, answers] = countsText(file, counts).split('\n\n').slice(1);
  const numbers = (table: string) => table.split('\n').slice(1).map((row) => Number(/ (\d+)(?: |$)/.exec(row)![1])); // prettier-ignore
  for (const table of [questions, answers]) {
    const [all, ...parts] = numbers(table).reverse();
    assert.equal(parts.reduce((a, b) => a + b, 0), all, table); // prettier-ignore
  }
  assert.match(faults, /^of these \(one may count twice\) +number +share\nwith an id that was there before +1 /);
});

test('what is wrong is listed; strict fails; a mended file is strictly right', async () => {
  const answer = (text: string, start: number) => ({ question: 'Who?', answers: [{ text, answer_start: start }] });
  const qas = ['a', 'a', 'b', 'c'].map((id, i) => ({
    id,
    ...answer(['Ada', 'Ada', 'won', 'Eve'][i], [0, 0, 5, 0][i]),
  }));
  const [file, mended] = ['broken.json', 'mended.json'].map((name) => path.join(folder, name));
  fs.writeFileSync(file, JSON.stringify({ data: [{ title: 'T', paragraphs: [{ context: 'Ada won.', qas }] }] }));
  const plain = await spanlab(['data', 'check', file]);
  assert.equal(plain.code, 0);
  assert.deepEqual(plain.stderr.trim().split('\n'), [
    'data[0].paragraphs[0].qas[1].id: the id "a" was there before, of the same question',
    'data[0].paragraphs[0].qas[2].answers[0]: "won" is not at 5 but at 4 (can be corrected)',
    'data[0].paragraphs[0].qas[3].answers[0]: "Eve" is nowhere in its context',
  ]);
  const strict = await spanlab(['data', 'check', file, '--strict']);
  assert.deepEqual([strict.code, strict.stdout], [1, '']);
  assert.match(strict.stderr, /^error: E_SQUAD_PROBLEM: .*broken\.json: 3 problems, the first: data\[0\]/);
  const { stdout } = await spanlab(['data', 'convert', file, '--out', mended, '--mend']);
  assert.match(
    stdout,
    /^2 questions written to .*mended\.json\.\n1 corrected, 2 left out\.\n\nproblem +corrected +left out +kept\n/,
  );
  assert.equal((await spanlab(['data', 'check', mended, '--strict'])).code, 0);
});

test('a table: every row that is wrong is listed, strict fails, mend puts right or leaves out', async () => {
  const file = path.join(folder, 'own.csv');
  const rows = ['Who?,Ada won.,ADA', 'What?,Ada won.,the cup', 'When?,Ada won.,', 'How?,Ada won.,won'];
  fs.writeFileSync(file, `question,context,answer\n${rows.join('\n')}\n`);
  const plain = await spanlab(['data', 'check', file]);
  assert.equal(plain.code, 0);
  assert.deepEqual(plain.stderr.trim().split('\n'), [
    'row 2: "ADA" is not in the text, which has "Ada" (can be corrected)',
    'row 3: "the cup" is nowhere in its context',
    'row 4: worth a look: no answer: the question will count as impossible',
  ]);
  assert.match(plain.stdout, /^.*own\.csv: read as table, UTF-8, positions in characters\.\n1 text in 1 article\.\n/);
  const kinds = [
    'with an answer +3 +75\\.0 %',
    'without an answer +1 +25\\.0 %',
    'all +4',
    '',
    'of these \\(one may count twice\\) +number +share',
    'that cannot be used +1 +25\\.0 %',
  ];
  const places = [
    'where the file says +1 +33\\.3 %',
    'in the text in another spelling +1 +33\\.3 %',
    'nowhere in the text +1 +33\\.3 %',
    'all +3',
  ];
  assert.match(
    plain.stdout,
    new RegExp(`questions +number +share\n${kinds.join('\n')}\n\nanswers +number +share\n${places.join('\n')}\n`),
  );
  assert.match(plain.stdout, /\n {2}npx spanlab data convert \S*own\.csv --out corrected\.json --mend\n$/);
  const strict = await spanlab(['data', 'check', file, '--strict']);
  assert.deepEqual([strict.code, strict.stdout], [1, '']);
  assert.match(strict.stderr, /^error: E_SQUAD_PROBLEM: .*own\.csv: 2 problems, the first: row 2: "ADA" is not/);
  const unmended = await spanlab(['data', 'convert', file, '--out', path.join(folder, 'own.json')]);
  assert.match(unmended.stderr, /error: E_SQUAD_PROBLEM: .*own\.csv: 2 problems, the first: row 2/);
  for (const name of ['own.json', 'own2.csv']) {
    const out = path.join(folder, name);
    const { mended, left_out } = await json('convert', file, '--out', out, '--mend');
    assert.deepEqual([mended, left_out], [1, 1]);
    assert.equal((await spanlab(['data', 'check', out, '--strict'])).code, 0);
  }
});

test('strict: what a file is, its content says, and not its name', async () => {
  const rows = 'question,context,answer\nWho?,Ada won.,Ada\n';
  const flat = JSON.stringify([{ id: 'a', question: 'Who?', context: 'Ada won.', answer: 'Ada', answer_start: 0 }]);
  const own = { version: 'v2.0', data: [{ paragraphs: [{ context: 'Ada won.', qas: [{ id: 'a', question: 'Who?', answers: [{ text: 'Ada', answer_start: 0 }] }] }] }] }; // prettier-ignore
  const cases: [name: string, content: string, code: number][] = [
    ['s1.csv', rows, 0],
    ['s1.json', rows, 0],
    ['s2.json', flat, 1],
    ['s2.csv', flat, 1],
    ['s3.txt', JSON.stringify(own), 0],
    ['s4.json', JSON.stringify({ ...own, more: own.data }), 1],
  ];
  for (const [name, content, code] of cases) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    const result = await spanlab(['data', 'check', file, '--strict']);
    assert.equal(result.code, code, name);
    if (name.startsWith('s2')) assert.match(result.stderr, /^error: E_SQUAD_SCHEMA: .*it is not in SQuAD's own form, but flat rows.*without --strict/); // prettier-ignore
    if (name.startsWith('s4')) assert.match(result.stderr, /^error: E_SQUAD_PROBLEM: .*its records are in 2 parts/);
  }
});

test('a table is counted as it is, offsets included', async () => {
  const file = path.join(folder, 'wrong.csv');
  const rows = ['Who?,Ada ran home.,Ada,1', 'What?,Ada ran home.,ran,9', 'Where?,Ada ran home.,away,'];
  fs.writeFileSync(file, `question,context,answer,answer_start\n${rows.join('\n')}\n`);
  const { questions, exact, one_left, found_elsewhere, not_found } = await json('check', file);
  assert.deepEqual([questions, exact, one_left, found_elsewhere, not_found], [3, 0, 1, 1, 1]);
});

test('what a table cannot hold is said, or refused', async () => {
  const answer = (text: string, start: number) => ({ text, answer_start: start });
  const write = (name: string, answers: object[]) => {
    const qas = [{ id: 'a', question: 'Who?', answers }];
    fs.writeFileSync(path.join(folder, name), JSON.stringify({ data: [{ title: 'T', paragraphs: [{ context: 'Ada won.', qas }] }] }));
    return path.join(folder, name);
  };
  const two = write('two.json', [answer('Ada', 0), answer('Ada won', 0)]);
  const { code, stderr } = await spanlab(['data', 'convert', two, '--out', path.join(folder, 'two.csv')]);
  assert.deepEqual([code, /two\.csv: a table with an answer per row cannot hold everything; lost: 1 further answer\n/.test(stderr)], [0, true], stderr);
  const nowhere = write('nowhere.json', [answer('Eve', 0)]);
  const refused = await spanlab(['data', 'convert', nowhere, '--out', path.join(folder, 'nowhere.csv')]);
  assert.match(refused.stderr, /"Eve" is nowhere in its context\nerror: E_SQUAD_PROBLEM: .*nowhere\.json: question a: .*--mend/);
  assert.ok(!fs.existsSync(path.join(folder, 'nowhere.csv')));
  const strange = await spanlab(['data', 'convert', two, '--out', path.join(folder, 'two.xlsx')]);
  assert.deepEqual([strange.code, /E_USAGE: .*two\.xlsx: the name must end in/.test(strange.stderr)], [2, true], strange.stderr);
}); // prettier-ignore

test('a command to copy stands on a line of its own, with the quotes that a shell needs', async () => {
  const file = path.join(folder, "Ada's file.csv");
  fs.writeFileSync(file, 'question,context,answer\nWho?,Ada won.,ADA\nWhat?,Bo lost.,Bo\n');
  const { stdout } = await spanlab(['data', 'check', file]);
  const command = stdout.trimEnd().split('\n').at(-1)!;
  assert.match(command, /^ {2}npx spanlab data convert '\S*\/Ada'\\''s file\.csv' --out corrected\.json --mend$/);
  const words = execFileSync('bash', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' }).split('\n');
  assert.equal(words[4], file);
  const plain = [splitText("my d/train.json", 'dev.json', 2, 1), trainingText(OUTCOME), publishedText({ model: 'm', web: {} }, 'my site')]; // prettier-ignore
  for (const line of plain
    .join('')
    .split('\n')
    .filter((line) => line.includes('npx '))) {
    assert.match(line, /^ {2}npx [^:]+$/);
    assert.match(line, /'my [a-z/.]+'/);
  }
});

test('the last sentence agrees with what was said', async () => {
  const cases: [name: string, content: string, said: RegExp, verdict: RegExp][] = [
    ['right.csv', 'question,context,answer\nWho?,Ada won.,Ada\n', /^$/, /\nNothing is wrong with it\.\n$/],
    ['two.csv', 'question,context,answer,answer\nWho?,Ada won.,Ada,won\n', /2 columns are called "answer"/, /\nNothing has to be corrected; .*worth a look\.\n$/], // prettier-ignore
    ['bare.csv', 'question,context,answer\nWho?,Ada won.,\n', /worth a look: no answer/, /\nNothing has to be corrected; .*worth a look\.\n$/], // prettier-ignore
    ['flag.json', '{"data":[{"paragraphs":[{"context":"Ada won.","qas":[{"id":7,"question":"Who?","answers":[{"text":"Ada","answer_start":0}]}]}]}]}', /can be corrected/, /\n {2}npx spanlab data convert \S+ --out corrected\.json --mend\n$/], // prettier-ignore
  ];
  for (const [name, content, said, verdict] of cases) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    const { code, stdout, stderr } = await spanlab(['data', 'check', file]);
    assert.equal(code, 0, stderr);
    assert.match(stderr.trim(), said);
    assert.match(stdout, verdict, name);
  }
});

test('a file without a question is named, by every command that reads it', async () => {
  const empty: [name: string, content: string, said: string][] = [
    ['header.csv', 'question,context,answer\n', 'E_SQUAD_EMPTY: FILE: it has the names of its columns and no rows; '],
    ['none.json', '{"data": []}', 'E_SQUAD_EMPTY: FILE: it has no questions; '],
    ['list.json', '[]', 'E_SQUAD_SCHEMA: FILE: it is empty ([]); '],
    ['object.json', '{}', 'E_SQUAD_SCHEMA: FILE: it is empty ({}); '],
    ['null.json', 'null', 'E_SQUAD_SCHEMA: FILE: it is null, where questions were expected; '],
    [
      'numbers.json',
      '[1, 2]',
      'E_SQUAD_SCHEMA: FILE: it is a list, and its first entry 1, where questions were expected; ',
    ],
    ['text.json', '"x"', 'E_SQUAD_SCHEMA: FILE: it is "x", where questions were expected; '],
  ];
  const commands = [['check'], ['check', '--strict'], ['stats'], ['split', '--out', folder], ['convert', '--out', path.join(folder, 'o.json')], ['convert', '--mend', '--out', path.join(folder, 'o.json')]]; // prettier-ignore
  for (const [name, content, said] of empty) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    for (const [command, ...options] of commands) {
      const { code, stdout, stderr } = await spanlab(['data', command, file, ...options]);
      assert.deepEqual([code, stdout], [1, ''], `${command} ${name}`);
      const isOther = command === 'convert' || options.includes('--strict');
      if (isOther) assert.ok(stderr.startsWith('error: E_SQUAD_') && stderr.includes(file), stderr);
      else assert.ok(stderr.startsWith(`error: ${said.replace('FILE', file)}`), stderr);
      assert.doesNotMatch(stderr, /undefined|Object|Array/);
    }
  }
});

test('a split with an empty part, and one over its own file, are refused', async () => {
  const one = path.join(folder, 'one.csv');
  fs.writeFileSync(one, 'question,context,answer\nWho?,Ada won.,Ada\nWhat?,Ada won.,won\n');
  const empty = await spanlab(['data', 'split', one, '--out', path.join(folder, 'empty')]);
  assert.deepEqual([empty.code, /E_SQUAD_SPLIT: .*one article; give titles/.test(empty.stderr)], [1, true], empty.stderr);
  const own = path.join(folder, 'own', 'train.json');
  fs.mkdirSync(path.dirname(own));
  fs.copyFileSync(DEV, own);
  const over = await spanlab(['data', 'split', own, '--out', path.dirname(own)]);
  assert.deepEqual([over.code, /E_USAGE: .*would be overwritten/.test(over.stderr)], [2, true], over.stderr);
  assert.ok(fs.readFileSync(own).equals(fs.readFileSync(DEV)));
}); // prettier-ignore

test('split leaves two files without a common article', async () => {
  const out = path.join(folder, 'parts');
  const { train, dev } = await json('split', DEV, '--out', out, '--share', '0.25', '--seed', '3');
  assert.equal(Number(train) + Number(dev), 224);
  const [left, right] = await Promise.all(
    ['train', 'dev'].map((name) => json('check', path.join(out, `${name}.json`))),
  );
  assert.equal(Number(left.articles) + Number(right.articles), 27);
});

test('stats', async () => {
  const { questions, impossible_share, answer_words } = await json('stats', DEV);
  assert.equal(questions, 224);
  assert.equal(impossible_share, 55 / 224);
  assert.deepEqual(answer_words, { least: 1, median: 3, most: 12 });
  const { stdout } = await spanlab(['data', 'stats', DEV]);
  assert.match(
    stdout,
    /^questions +number +share\nwith an answer +169 +75\.4 %\nwithout an answer +55 +24\.6 %\nall +224\n\n/,
  );
  assert.match(stdout, /words of a +shortest +median +longest\n[^]*\nanswer +1 +3 +12\n$/);
});

test('what is wrong is one line', async () => {
  const missing = await spanlab(['data', 'check', path.join(folder, 'none.csv')]);
  assert.deepEqual([missing.code, missing.stdout], [1, '']);
  assert.match(missing.stderr, /^error: E_FILE_MISSING: .*none\.csv/);
  assert.equal((await spanlab(['data', 'split', DEV, '--out', folder, '--share', '2'])).code, 2);
});

test('a file is not converted into itself: what is left out would be gone', async () => {
  const file = path.join(folder, 'own.json');
  fs.copyFileSync(DEV, file);
  const before = fs.readFileSync(file);
  const { code, stderr } = await spanlab(['data', 'convert', file, '--out', file, '--mend']);
  assert.equal(code, 2);
  assert.match(stderr, /--out is the input file itself/);
  assert.deepEqual(fs.readFileSync(file), before);
});
