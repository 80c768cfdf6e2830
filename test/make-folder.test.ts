// Folders that cannot be made: the error says why.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { lockFolder } from '../src/folder-lock';
import { makeFolder } from '../src/make-folder';
import { ensureWritable } from '../src/model/save';
import { replaceTogether } from '../src/staged-folder';

const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-folder-'));

test('what is missing is made; what is there stays', () => {
  const deep = path.join(temporary(), 'a', 'b', 'c');
  makeFolder(deep);
  fs.writeFileSync(path.join(deep, 'file'), '');
  makeFolder(deep);
  assert.deepEqual(fs.readdirSync(deep), ['file']);
  assert.throws(() => makeFolder(path.join(deep, 'file')), { code: 'EEXIST' });
  assert.throws(() => makeFolder(path.join(deep, 'file', 'more')), { code: 'ENOTDIR' });
});

test('a file system that is read-only is said to be so, wherever a folder is made', async (context) => {
  const there = temporary();
  const make = fs.mkdirSync.bind(fs) as (...args: unknown[]) => unknown;
  // as on a disk that is mounted read-only: node makes ENOENT of EROFS where it makes several folders
  context.mock.method(fs, 'mkdirSync', (folder: string, options?: { recursive?: boolean }) => {
    if (fs.existsSync(folder)) return make(folder, options);
    const code = options?.recursive || !fs.existsSync(path.dirname(folder)) ? 'ENOENT' : 'EROFS';
    throw Object.assign(new Error(code), { code });
  });
  const folder = path.join(there, 'new', 'run');
  const refused = { code: 'E_FILE_PERMISSION', message: /the file system is read-only/ };
  assert.throws(() => ensureWritable(folder), refused);
  assert.throws(() => lockFolder(folder, 'training'), refused);
  await assert.rejects(
    replaceTogether(folder, () => Promise.resolve()),
    refused,
  );
});
