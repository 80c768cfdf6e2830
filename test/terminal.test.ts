// Texts of files and arguments where people see them: nothing that a terminal obeys, in any command.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { answerText } from '../src/cli/answer-text';
import { printResult } from '../src/cli/result';
import { wrongUsage } from '../src/cli/report';
import { terminalText } from '../src/printable';
import { ProgressLine } from '../src/show/progress';
import { spanlab } from './cli/run';
import { smallModel } from './cli/small-model';

/** Clears the screen; sets the window's title; the same in one byte; turns the line round. */
const EVIL = '\u001b[2J\u001b]0;pwn\u0007\u009b2J\u202e';
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

let model: string;
before(async () => {
  model = await smallModel();
});

test('answers stay what they are in every language; what a terminal obeys is written out', () => {
  assert.equal(terminalText(`a${EVIL}b`), 'a\\u001b[2J\\u001b]0;pwn\\u0007\\u009b2J\\u202eb');
  const languages = 'é 中 عربي‌ها\u200f 👩‍🚀\r\n\tข้อความ';
  assert.equal(terminalText(languages), languages.replace('\r', ''));
  assert.equal(terminalText('x'.repeat(1e5)).length, 1e5);
});

test('results, as text and as JSON; lines of progress; wrong usage', (context) => {
  const written: string[] = [];
  const keep = (text: string) => written.push(text) > 0;
  context.mock.method(process.stdout, 'write', keep);
  context.mock.method(process.stderr, 'write', keep);
  printResult([{ answer: EVIL }], true, '');
  printResult([], false, answerText(`Who${EVIL}?`, [{ answer: `Ada${EVIL}`, score: 1 }]));
  wrongUsage(`unknown option ${EVIL}`);
  new ProgressLine({ write: keep }).show(`downloading ${EVIL}`);
  context.mock.restoreAll();
  assert.equal(written.length, 4);
  assert.deepEqual(JSON.parse(written[0]), [{ answer: EVIL }]);
  for (const text of written) assert.doesNotMatch(text, OBEYED);
});

test('every command that shows what a file holds or is called', async () => {
  const folder = path.join(path.dirname(model), `mine${EVIL.replaceAll('\u0007', '')}`);
  fs.mkdirSync(folder);
  const file = path.join(folder, 'questions.json');
  const rows = [0, 1].map((i) => ({
    id: `q${i}${EVIL}`,
    question: `Who${EVIL}?`,
    context: `Ada${EVIL} won in 190${i}.`,
    answers: [{ text: `Ada${EVIL}`, answer_start: 0 }],
    [`extra${EVIL}`]: 1,
  }));
  fs.writeFileSync(file, JSON.stringify(rows));
  const runs = path.join(folder, 'run');
  fs.mkdirSync(runs);
  fs.writeFileSync(path.join(runs, 'run.json'), '{}');
  const commands = [
    ['data', 'check', file],
    ['data', 'stats', file],
    ['data', 'convert', file, '--out', path.join(folder, 'made.json'), '--mend'],
    ['data', 'split', file, '--out', path.join(folder, 'parts')],
    ['tokenize', '--model', model, '--data', file, '--out', path.join(folder, 'rows.jsonl')],
    ['evaluate', '--model', model, '--data', file],
    ['ask', '--model', model, '--data', file],
    ['ask', '--model', model, '--data', file, '--json'],
    ['ask', '--model', model, '--question', `Who${EVIL}?`, '--context', `Ada${EVIL} won.`],
    ['train', '--model', model, '--train', file, '--out', path.join(folder, 'trained'), '--steps', '1'],
    ['runs', folder],
    ['runs', folder, '--json'],
    [`unknown${EVIL}`],
    ['ask', `--unknown${EVIL}`],
  ];
  for (const command of commands) {
    const { stdout, stderr } = await spanlab(command);
    const name = command.slice(0, 2).join(' ');
    assert.doesNotMatch(stdout, OBEYED, `${name}: stdout`);
    assert.doesNotMatch(stderr, OBEYED, `${name}: stderr`);
    assert.match(stdout + stderr, /\\u(001b|202e)/, `${name}: shows it`); // colours of usage errors are taken off
  }
});
