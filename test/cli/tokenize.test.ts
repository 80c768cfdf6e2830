// `spanlab tokenize` as a program sees it: lines, exit codes, messages.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { reference } from '../tokens/reference';
import { vocabularyFolder } from '../tokens/vocabulary';

const folder = mkdtempSync(path.join(tmpdir(), 'spanlab-tokenize-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const data = path.join(folder, 'data.json');
const codePointsBefore = (text: string, answer: string) => Array.from(text.slice(0, text.indexOf(answer))).length;
const qas = reference.records.map(([question, context, answer], i) => ({
  context,
  qas: [
    {
      id: `record-${i}`,
      question,
      is_impossible: answer === null,
      answers: answer === null ? [] : [{ text: answer, answer_start: codePointsBefore(context, answer) }],
    },
  ],
}));
writeFileSync(data, JSON.stringify({ version: 'v2.0', data: [{ title: 'Reference', paragraphs: qas }] }));

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

async function tokenize(...args: string[]): Promise<Result> {
  const main = path.join(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');
  const all = [main, 'tokenize', ...args];
  return new Promise((resolve) =>
    execFile(process.execPath, all, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );
}

interface Line {
  id: string;
  overflow: number;
  input_ids: number[];
  token_type_ids: number[];
  offsets: [number, number][];
  start_position: number;
  end_position: number;
}

const readLines = (file: string) =>
  readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Line); // prettier-ignore

for (const [order, maxLength, overlap, rows] of reference.windows) {
  test(`the windows of the reference, ${order}`, async () => {
    const out = path.join(folder, `${order}.jsonl`);
    const lengths = ['--max-length', `${maxLength}`, '--doc-stride', `${overlap}`];
    const args = [
      '--model',
      await vocabularyFolder(),
      '--data',
      data,
      '--out',
      out,
      '--order',
      order,
      '--json',
      ...lengths,
    ];
    const { code, stdout, stderr } = await tokenize(...args);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { out, questions: reference.records.length, features: rows.length });
    const lines = readLines(out);
    assert.deepEqual(Object.keys(lines[0]), ['id', 'overflow', 'input_ids', 'token_type_ids', 'offsets', 'start_position', 'end_position']); // prettier-ignore
    const ours = lines.map((line) => [line.id, line.overflow, line.input_ids, line.token_type_ids, line.offsets.flat(), line.start_position, line.end_position]); // prettier-ignore
    assert.deepEqual(ours, rows.map((row) => [`record-${row[0]}`, row[1], row[2], row[3], row[6], row[9], row[10]])); // prettier-ignore
  });
}

test('the lesson: (context, question), one row an answer', async () => {
  const out = path.join(folder, 'lesson.jsonl');
  const { code, stderr } = await tokenize('--model', await vocabularyFolder(), '--data', data, '--out', out, '--mode', 'lesson'); // prettier-ignore
  assert.equal(code, 0, stderr);
  const lines = readLines(out);
  assert.equal(lines.length, reference.records.length);
  const { offsets, start_position: start, token_type_ids: types } = lines[0];
  const [, context, answer] = reference.records[0];
  assert.ok(context.startsWith(answer!, offsets[start][0]));
  assert.equal(types[1], 0);
  assert.equal(lines[11].start_position, 512);
});

test('wrong use says what to choose and exits with 2', async () => {
  const model = await vocabularyFolder();
  const base = ['--model', model, '--data', data, '--out', path.join(folder, 'x.jsonl')];
  for (const [args, message] of [
    [['--order', 'backwards'], /--order is "backwards"; choose question-first or context-first/],
    [['--mode', 'poem'], /--mode is "poem"; choose windows or lesson/],
    [['--max-length', 'ten'], /--max-length is "ten"/],
    [['--mode', 'lesson', '--doc-stride', '5'], /--doc-stride is for --mode windows/],
  ] as [string[], RegExp][]) {
    const { code, stderr, stdout } = await tokenize(...base, ...args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, message);
  }
});

test('what cannot be done is one line with a code, and exits with 1', async () => {
  const model = await vocabularyFolder();
  const out = path.join(folder, 'x.jsonl');
  for (const [args, message] of [
    [
      ['--model', model, '--data', path.join(folder, 'none.json'), '--out', out],
      /^error: E_FILE_MISSING: .*none\.json/,
    ],
    [
      ['--model', model, '--data', data, '--out', path.join(folder, 'no', 'x.jsonl')],
      /^error: E_FILE_MISSING: .*x\.jsonl/,
    ],
    [
      ['--model', model, '--data', data, '--out', out, '--max-length', '20', '--doc-stride', '19'],
      /^error: E_TOKENS_OVERLAP/,
    ],
  ] as [string[], RegExp][]) {
    const { code, stderr } = await tokenize(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1);
  }
});
