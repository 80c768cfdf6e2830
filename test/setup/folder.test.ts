// Stamps, scratch folders and sizes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { folderSize, hasStamp, isComplete, markComplete, markIncomplete, megabytes, stamp, withScratch } from '../../src/setup/folder'; // prettier-ignore

function freshFolder(t: { after: (work: () => void) => void }): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-folder-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a folder is complete with the key it was marked with, and no other', (t) => {
  const folder = freshFolder(t);
  assert.equal(isComplete(folder, 'a'), false);
  assert.equal(isComplete(path.join(folder, 'missing'), 'a'), false);
  markComplete(folder, 'a');
  assert.equal(isComplete(folder, 'a'), true);
  assert.equal(isComplete(folder, 'b'), false);
  markIncomplete(folder);
  assert.equal(isComplete(folder, 'a'), false);
  markIncomplete(folder);
});

test('a stamp that was only begun does not count', (t) => {
  const folder = freshFolder(t);
  const left = `wheel.${process.pid}.part`; // by a process that was killed, whose number is ours now
  fs.writeFileSync(path.join(folder, left), 'a');
  assert.equal(hasStamp(folder, 'wheel', 'a'), false);
  stamp(folder, 'wheel', 'a');
  assert.equal(hasStamp(folder, 'wheel', 'a'), true);
  assert.deepEqual(fs.readdirSync(folder), ['wheel']);
});

test('scratch folders go, after success, after failure, and those of killed runs', async (t) => {
  const folder = freshFolder(t);
  fs.mkdirSync(path.join(folder, 'scratch-killed', 'deep'), { recursive: true });
  await withScratch(folder, async (scratch) => {
    assert.deepEqual(fs.readdirSync(folder), [path.basename(scratch)]);
    await fs.promises.writeFile(path.join(scratch, 'file'), 'x');
  });
  assert.deepEqual(fs.readdirSync(folder), []);
  await assert.rejects(
    withScratch(folder, () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('sizes count files below, not what links point to', (t) => {
  const folder = freshFolder(t);
  fs.mkdirSync(path.join(folder, 'a', 'b'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'a', 'one'), Buffer.alloc(1000));
  fs.writeFileSync(path.join(folder, 'a', 'b', 'two'), Buffer.alloc(234));
  fs.symlinkSync(path.join(folder, 'a'), path.join(folder, 'link'));
  assert.equal(folderSize(folder), 1234);
  assert.equal(folderSize(path.join(folder, 'missing')), 0);
});

test('bytes as people read them', () => {
  assert.equal(megabytes(682_900_000), '683 MB');
  assert.equal(megabytes(4_130_000_000), '4.1 GB');
});
