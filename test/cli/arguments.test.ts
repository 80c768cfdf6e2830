// Arguments that the parser would take without a word.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ArgsDef } from 'citty';
import { checkArguments } from '../../src/cli/arguments';
import { UsageError } from '../../src/cli/usage';

const definitions: ArgsDef = {
  file: { type: 'positional' },
  'max-length': { type: 'string' },
  schedule: { type: 'enum', options: ['linear', 'cosine'] },
  out: { type: 'string', alias: ['o'] },
  json: { type: 'boolean' },
};

const accepts = (...args: string[]) => assert.doesNotThrow(() => checkArguments(definitions, args));
const refuses = (message: RegExp, ...args: string[]) =>
  assert.throws(
    () => checkArguments(definitions, args),
    (error: Error) => error instanceof UsageError && message.test(error.message),
  );

test('options in all their spellings', () => {
  accepts();
  accepts('data.json', '--max-length', '384', '--json');
  accepts('--max-length=384', '--maxLength', '384', '--schedule', 'linear', '-o', 'folder', '--out=folder');
  accepts('--json=false', '--no-json');
});

test('values that look like something else', () => {
  accepts('--max-length', '-5');
  accepts('--out', '');
  accepts('--out=--json');
  accepts('--out=a=b\nc');
  accepts('-5');
});

test('unknown options, also close to known ones', () => {
  refuses(/^unknown option --max-lenght$/, '--max-lenght', '3');
  refuses(/^unknown option --max-lenght$/, '--max-lenght=3');
  refuses(/^unknown option --file$/, '--file', 'x');
  refuses(/^unknown option -x$/, '-x');
  refuses(/^unknown option -json$/, '-json');
  refuses(/^unknown option --no-out$/, '--no-out');
  refuses(/^unknown option --toString$/, '--toString');
});

test('an option without its value', () => {
  refuses(/^--max-length needs a value/, '--max-length');
  refuses(/^--max-length needs a value/, '--max-length', '--json');
});

test('an argument too many', () => {
  refuses(/^unexpected argument "b.json"$/, 'a.json', 'b.json');
  refuses(/^unexpected argument "true"$/, 'a.json', '--json', 'true');
});
