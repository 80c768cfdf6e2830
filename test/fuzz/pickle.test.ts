// Checkpoints of PyTorch: what torch reads we read, and no change of a byte makes more of it than a coded error.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { PickleError } from '../../src/model/pickle/errors';
import { PickleFile } from '../../src/model/pickle/file';
import type { Dice } from './fuzz';
import { fuzz, mutateBytes } from './fuzz';

const folder = path.join(__dirname, '..', 'reference', 'checkpoints');
const target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-fuzz-')), 'x.bin');
const GOOD = ['zip', 'old', 'module', 'module-old', 'wrapped'];
const files = new Map(GOOD.map((name) => [name, fs.readFileSync(path.join(folder, `${name}.bin`))]));

function readAll(): Map<string, Float32Array> {
  const file = new PickleFile(target);
  try {
    const values = new Map<string, Float32Array>();
    for (const [name, { shape }] of file.tensors) {
      if (shape.reduce((a, b) => a * b, 1) > 1e6) continue; // the model's shapes are compared before anything is read
      try {
        values.set(name, file.readFloat32(name));
      } catch (error) {
        if (!(error instanceof PickleError) || error.code !== 'E_PICKLE_TYPE') throw error;
      }
    }
    return values;
  } finally {
    file.close();
  }
}

// test/reference/checkpoints.py, torch 2.15.0
test('both forms of the file, every type and stride: the numbers of torch', () => {
  const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Record<string, Record<string, [number[], number[] | null]>>; // prettier-ignore
  for (const name of GOOD) {
    fs.copyFileSync(path.join(folder, `${name}.bin`), target);
    const file = new PickleFile(target);
    const found = readAll();
    for (const [tensor, [shape, values]] of Object.entries(expected[name])) {
      assert.deepEqual(file.tensors.get(tensor)?.shape, shape, `${name} ${tensor}`);
      if (values) assert.deepEqual([...found.get(tensor)!], values.map(Math.fround), `${name} ${tensor}`);
      else assert.throws(() => file.readFloat32(tensor), { code: 'E_PICKLE_TYPE' });
    }
    assert.equal(file.tensors.size, Object.keys(expected[name]).length);
    file.close();
  }
});

test('a file that asks for code is refused, whatever it asks for', () => {
  fs.copyFileSync(path.join(folder, 'code.bin'), target);
  assert.throws(readAll, { code: 'E_PICKLE_CODE', message: /torch\.nn\.modules\.container\.Sequential/ });
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
  const pickles = ['cos\nsystem\nX\u0004\0\0\0true\x85R.', 'cbuiltins\neval\n(X\u0001\0\0\x001tR.', 'c__builtin__\nexec\n.', 'ccollections\nOrderedDict\n)R(X\u0001\0\0\0acposix\nsystem\nu.']; // prettier-ignore
  for (const text of pickles) {
    const system = Buffer.from('\x80\x02}X\x0d\0\0\0little_endian\x88s.', 'latin1');
    const version = Buffer.from('80024de9032e', 'hex');
    fs.writeFileSync(target, Buffer.concat([magic, version, system, Buffer.from(`\x80\x02${text}`, 'latin1')]));
    assert.throws(readAll, { code: 'E_PICKLE_CODE', message: /do not open it in Python either/ }, text);
  }
});

const accepted = (name: string) => (dice: Dice) => {
  const good = files.get(name)!;
  // most changes go where the descriptions are: the numbers themselves may be anything
  const end = name.endsWith('old') ? good.length : Math.floor(good.length / 2);
  const changed = dice.below(3) === 0 ? mutateBytes(good, dice) : Buffer.concat([mutateBytes(good.subarray(0, end), dice), good.subarray(end)]); // prettier-ignore
  fs.writeFileSync(target, changed);
  readAll();
};

test('changed files', async () => {
  const { accepted: read, refused } = await fuzz('pytorch_model.bin', (dice) => accepted(dice.one(GOOD))(dice));
  assert.ok(read > 10 && (refused.E_PICKLE_DAMAGED ?? 0) > 10, JSON.stringify(refused));
});
