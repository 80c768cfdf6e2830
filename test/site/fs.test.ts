// node:fs as the site has it: files in memory that are offered, taken, moved, and refused where the browser has no room.
import assert from 'node:assert/strict';
import test from 'node:test';
import { isOffered, offerFiles } from '../../site/node/files';
import fs from '../../site/node/fs';
import { changeCount, freeBytes, isKept, setFree } from '../../site/node/room';
import { PROJECT } from '../../site/project';
import { toFileError } from '../../src/errors';

test('a file that takes the place of an offered one is what is read', () => {
  const [file, other, folder] = ['a.txt', 'b.txt', 'c/d.txt'].map((name) => `${PROJECT}/offered/${name}`);
  offerFiles({ [file]: 'data:,old', [other]: 'data:,old', [folder]: 'data:,old' });
  assert.equal(isOffered(file), true);
  fs.writeFileSync(`${PROJECT}/new`, 'new');
  fs.copyFileSync(`${PROJECT}/new`, other);
  fs.renameSync(`${PROJECT}/new`, file);
  fs.writeFileSync(folder, 'new');
  for (const name of [file, other, folder]) {
    assert.equal(isOffered(name), false);
    assert.equal(fs.readFileSync(name, 'utf8'), 'new');
  }
  fs.rmSync(`${PROJECT}/offered`, { recursive: true });
  assert.equal(fs.existsSync(file), false);
});

test('without room a write fails as on a full disk, what was there stays, and /tmp takes more', () => {
  const file = `${PROJECT}/models/weights`;
  fs.mkdirSync(`${PROJECT}/models`, { recursive: true });
  setFree(100);
  fs.writeFileSync(file, new Uint8Array(60));
  assert.equal(freeBytes(), 40);
  const more = [
    () => fs.writeFileSync(file, new Uint8Array(60)),
    () => fs.appendFileSync(file, 'x'.repeat(60)),
    () => fs.writeSync(fs.openSync(file, 'r+'), new Uint8Array(60)),
  ];
  for (const write of more) {
    assert.throws(write, (error) => (toFileError(error, file) as { code?: string }).code === 'E_DISK_FULL');
  }
  assert.equal(fs.readFileSync(file).length, 60);
  fs.writeFileSync('/tmp/rescued', new Uint8Array(60));
  setFree(Infinity);
});

test('what is half written, or can be fetched again, is not kept', () => {
  const kept = ['models/a/model.safetensors', 'runs/b/run.json', 'notes.txt', 'runs/.saved/config.json'];
  const passing = ['.spanlab/models/x', 'runs/.checkpoint-2.part/x', 'a.json.1.part', 'models/a/.saving-1/x', 'runs/b/.spanlab.lock']; // prettier-ignore
  for (const name of kept) assert.equal(isKept(`${PROJECT}/${name}`), true, name);
  for (const name of passing) assert.equal(isKept(`${PROJECT}/${name}`), false, name);
  assert.equal(isKept('/tmp/x'), false);
});

test('a look changes nothing, and a write does', () => {
  const file = `${PROJECT}/seen`;
  fs.writeFileSync(file, 'x');
  const before = changeCount();
  fs.readFileSync(file);
  fs.readdirSync(PROJECT);
  fs.statSync(file);
  assert.equal(changeCount(), before);
  fs.truncateSync(file);
  assert.ok(changeCount() > before);
});
