// Texts of strangers in messages: nothing that a terminal obeys, nothing that runs over the screen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import * as v from 'valibot';
import { SpanlabError } from '../src/errors';
import { readNullOdds } from '../src/evaluation/prediction-files';
import { JsonProblem, parseJsonObject } from '../src/json-file';
import { readRecord } from '../src/record-file';
import { repeatedKeys } from '../src/repeated-keys';
import { importData } from '../src/squad/import';
import { readSquadRecords } from '../src/squad/read';
import { readOptionsFile } from '../src/training/options';
import { printable, quoted } from '../src/printable';

test('control characters, marks of direction, half characters and invisible ones are written out', () => {
  assert.equal(printable('\u001b[2J\u001b]0;pwn\u0007'), '\\u001b[2J\\u001b]0;pwn\\u0007');
  assert.equal(printable('a\u202eb\u200bc\ud800d\u009be\u{e0041}'), 'a\\u202eb\\u200bc\\ud800d\\u009be\\u{e0041}');
  assert.equal(printable('line\n\ttab é 中 👩‍🚀'), 'line\n\ttab é 中 👩‍🚀');
  assert.equal(printable('x'.repeat(10), 4), 'xx … xx');
});

test('every coded error is printable, whatever it quotes', () => {
  const error = new SpanlabError('E_FILE', `a tensor named \u001b[31m${'x'.repeat(3e6)}`);
  assert.match(error.message, /^a tensor named \\u001b\[31mx+ … x+$/);
  assert.ok(error.message.length < 2100);
});

test('values of any kind and depth in a message', () => {
  let deep: unknown = [];
  for (let i = 0; i < 200_000; i++) deep = [deep];
  assert.equal(quoted(deep), 'a list of lists');
  assert.equal(quoted('a\u001b'), '"a\\u001b"');
  assert.equal(quoted(undefined), 'undefined');
  assert.equal(quoted({ a: [1, null] }), '{"a":[1,null]}');
  assert.match(quoted(Array.from({ length: 100 }, (_, i) => i)), /^\[0,1,.* … .*,99\]$/);
});

test('JSON as people have it: comments, trailing commas, a mark, NaN; and what is none', () => {
  assert.deepEqual(parseJsonObject('\ufeff{"a": 1}'), { a: 1 });
  assert.deepEqual(parseJsonObject('// x\r\n{"a": "// no /* comment */", /* y */ "b": [1,2,],}'), {
    a: '// no /* comment */',
    b: [1, 2],
  });
  assert.deepEqual(parseJsonObject('{"a": NaN, "b": -Infinity, "NaN": "NaN"}'), { a: null, b: null, NaN: 'NaN' });
  assert.deepEqual(parseJsonObject('{"a": NaN, "b": -Infinity, "NaN": "NaN"}', true), { a: NaN, b: -Infinity, NaN: 'NaN' }); // prettier-ignore
  for (const [text, message] of [
    ['null', /holds null/],
    ['[1]', /holds a list/],
    ['', /empty/],
    ['{"a": }', /not valid JSON/],
    ['<html>', /HTML page/],
    ['version https://git-lfs.github.com/spec/v1', /git lfs pull/],
    [`${'['.repeat(1e6)}`, /more than 200 deep/],
  ] as const) {
    assert.throws(() => parseJsonObject(text), (error) => error instanceof JsonProblem && message.test(error.message), text.slice(0, 20)); // prettier-ignore
  }
});

test('names that stand twice in one object, wherever it is, and only those', () => {
  const found = (text: string) => repeatedKeys(text).map(({ path, key }) => `${path}:${key}`);
  assert.deepEqual(found('{"a": 1, "b": [{"c": "a,\\"", "c": {}}, {"c": 1}], "a": 2}'), ['b[0]:c', ':a']);
  assert.deepEqual(found('{"a": {"a": {"a": []}}, "b": "a", "c": ["a", "a"], "d": "\\\\"}'), []);
  assert.deepEqual(found('{"\\u0061": 1, "a": 2, "": 1, "": 2, "__proto__": 1, "__proto__": 2}'), [
    ':a',
    ':',
    ':__proto__',
  ]);
  assert.deepEqual(found('[[{"x": 1}, {"y": {"x": 1, "x": 1, "x": 1}}], "x"]'), ['[0][1].y:x', '[0][1].y:x']);
  assert.throws(() => parseJsonObject('{"hidden_size": 8, /* old */ "hidden_size": 16,}'), {
    message: '"hidden_size" stands twice; delete the one that is not meant',
  });
});

test('an empty file is called empty, whoever reads it', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'x.json');
  const readers: [name: string, read: () => unknown][] = [
    ['questions', () => importData(file)],
    ['SQuAD', () => readSquadRecords(file)],
    ['options', () => readOptionsFile(file)],
    ['predictions', () => readNullOdds(file)],
    ['a record', () => readRecord(file, v.looseObject({}), (problem) => new SpanlabError('E_RUN', problem))],
  ];
  for (const text of ['', ' \n', '\ufeff']) {
    fs.writeFileSync(file, text);
    for (const [name, read] of readers) {
      assert.throws(
        read,
        (error: Error) => error instanceof SpanlabError && error.message.includes('it is empty'),
        name,
      );
    }
  }
});
