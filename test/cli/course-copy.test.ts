// The copy of the course that `npm run lab` opens: new versions come, nothing of the person's is lost.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { copyCourse, describeReset, resetNotebook } from '../../src/cli/course-copy';
import { readArguments } from '../../src/cli/lab';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'course-copy-'));
after(() => fs.rmSync(folder, { recursive: true }));
const [course, own] = ['course', 'own'].map((name) => path.join(folder, name));
const write = (root: string, name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
};
const read = (name: string) => fs.readFileSync(path.join(own, name), 'utf8');

test('notebooks, pages and pictures are copied, sources are not; only what nobody changed is renewed', () => {
  for (const name of ['01.ipynb', '02.ipynb', 'solutions/01.ipynb', 'README.md', 'pictures/row.svg', 'text/01.md']) {
    write(course, name, 'first');
  }
  assert.deepEqual(copyCourse(course, own), []);
  assert.equal(read('solutions/01.ipynb'), 'first');
  assert.ok(!fs.existsSync(path.join(own, 'text')));

  write(own, '01.ipynb', 'mine');
  for (const name of ['01.ipynb', '02.ipynb']) write(course, name, 'second');
  assert.deepEqual(copyCourse(course, own), ['01.ipynb']);
  assert.deepEqual([read('01.ipynb'), read('02.ipynb')], ['mine', 'second']);
  // what is deleted comes back
  fs.rmSync(path.join(own, '02.ipynb'));
  copyCourse(course, own);
  assert.equal(read('02.ipynb'), 'second');
});

test('a reset takes the version of the course and keeps what was there', () => {
  write(own, '01.ipynb', 'mine');
  resetNotebook(course, own, '01');
  write(own, '01.ipynb', 'mine again');
  resetNotebook(course, own, '01.ipynb');
  assert.deepEqual(
    [read('01.ipynb'), read('01.mine.ipynb'), read('01.mine-2.ipynb')],
    ['second', 'mine', 'mine again'],
  );
  assert.throws(() => resetNotebook(course, own, '1'), { code: 'E_NOTEBOOK', message: /choose 01, 02/ });
});

test('a reset says where yours is; what nobody changed is not kept', () => {
  write(own, '02.ipynb', 'mine');
  const reset = resetNotebook(course, own, '02');
  assert.equal(describeReset(reset), '02.ipynb is as the course has it; yours is kept as 02.mine.ipynb');
  assert.equal(describeReset(resetNotebook(course, own, '02')), '02.ipynb is as the course has it, and you had changed nothing in it'); // prettier-ignore
  // nor the last version of the course
  write(course, '02.ipynb', 'third');
  assert.deepEqual(resetNotebook(course, own, '02'), { file: '02.ipynb', kept: undefined });
  assert.equal(read('02.ipynb'), 'third');
  assert.deepEqual(fs.readdirSync(own).filter((name) => name.startsWith('02.')), ['02.ipynb', '02.mine.ipynb']); // prettier-ignore
});

test('a reset without a name says so, and takes no option for one', () => {
  assert.deepEqual(readArguments(['--reset', '--no-browser']), { reset: [''], others: ['--no-browser'] });
  assert.deepEqual(readArguments(['--reset=01', '--reset', '02']), { reset: ['01', '02'], others: [] });
  assert.throws(() => resetNotebook(course, own, ''), { code: 'E_NOTEBOOK', message: /^--reset names no notebook; choose 01, 02/ }); // prettier-ignore
});
