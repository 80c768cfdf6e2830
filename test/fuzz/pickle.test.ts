// Checkpoints of PyTorch: what torch reads we read, and no change of a byte makes more of it than a coded error.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { PickleError } from '../../src/model/pickle/errors';
import { PickleFile } from '../../src/model/pickle/file';
import { type Dice, fuzz, mutateBytes } from './fuzz';

const folder = path.join(__dirname, '..', 'reference', 'checkpoints');
const target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-fuzz-')), 'x.bin');
const GOOD = [
  'zip',
  'old',
  'module',
  'module-old',
  'wrapped',
  'protocol-3',
  'protocol-4',
  'protocol-5',
  'protocol-4-old',
];
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
test('both forms of the file, every protocol, type and stride: the numbers of torch', () => {
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

/** A pickle alone, in the older form of the file. */
function writeOld(pickle: Buffer): void {
  const start = Buffer.from('80028a0a6cfc9c46f9206aa850192e80024de9032e', 'hex');
  const system = Buffer.from('\x80\x02}X\x0d\0\0\0little_endian\x88s.', 'latin1');
  fs.writeFileSync(target, Buffer.concat([start, system, pickle]));
}

test('protocol 4 has no way around the names either', () => {
  const text = (value: string) => Buffer.concat([Buffer.from([0x8c, value.length]), Buffer.from(value), Buffer.from([0x94])]);
  const name = (module: string, name: string) => Buffer.concat([text(module), text(name), Buffer.from([0x93, 0x94])]);
  const begin = Buffer.from([0x80, 4]);
  const call = Buffer.concat([text('true'), Buffer.from([0x85, 0x52, 0x2e])]);
  for (const [module, what] of [['os', 'system'], ['posix', 'system'], ['builtins', 'eval'], ['subprocess', 'Popen'], ['importlib', 'import_module']]) {
    writeOld(Buffer.concat([begin, name(module, what), call]));
    assert.throws(readAll, { code: 'E_PICKLE_CODE', message: new RegExp(`"${module}\\.${what}".*; do not open it in Python either$`) }); // prettier-ignore
  }
  // what is no text, what is remembered, what is too long, a frame without an end
  const cases = [[0x4b, 1, 0x4b, 2, 0x93, 0x2e], [0x94, 0x2e], [0x8d, ...Array<number>(8).fill(255), 0x2e], [0x95, ...Array<number>(8).fill(255), 0x2e]]; // prettier-ignore
  for (const bytes of cases) {
    writeOld(Buffer.concat([begin, Buffer.from(bytes)]));
    assert.throws(readAll, { code: 'E_PICKLE_DAMAGED' }, String(bytes));
  }
  writeOld(Buffer.from([0x80, 6, 0x7d, 0x2e]));
  assert.throws(readAll, { code: 'E_PICKLE_FORM', message: /pickle protocol 6; save it by torch\.save without pickle_protocol/ }); // prettier-ignore
}); // prettier-ignore

const TRUSTED =
  /; open it in Python where you trust whoever made it, and save its weights alone \(model\.save_pretrained/;
const REFUSED: [name: string, code: string, message: RegExp][] = [
  ['refused-meta', 'E_PICKLE_FORM', /tensor "a\.weight" is on the meta device: it has a shape and no numbers .*; load its weights in Python, and save/],
  ['refused-sparse', 'E_PICKLE_FORM', /tensor "a\.weight" is sparse .*; save it dense in Python \(tensor\.to_dense\(\)\)/],
  ['refused-sparse-csr', 'E_PICKLE_FORM', /tensor "a\.weight" is sparse /],
  ['refused-quantized', 'E_PICKLE_FORM', /tensor "a\.weight" is quantized .*tensor\.dequantize\(\)/],
  ['refused-nested', 'E_PICKLE_FORM', /tensor "a\.weight" is nested /],
  ['refused-float8', 'E_PICKLE_FORM', /tensor "a\.weight" has numbers of a type that is not read here, such as float8 .*tensor\.float\(\)/],
  ['refused-complex', 'E_PICKLE_FORM', /tensor "a\.weight" has complex numbers /],
  ['refused-numpy', 'E_PICKLE_CODE', /"numpy\._core\.multiarray\.scalar", so it holds more than weights; /],
  ['refused-set', 'E_PICKLE_CODE', /"__builtin__\.set", so it holds more than weights; /],
  ['code', 'E_PICKLE_CODE', /Sequential", so it holds a whole model and not its weights, and opening it runs code; /],
  ['code-4', 'E_PICKLE_CODE', /Sequential", so it holds a whole model and not its weights, and opening it runs code; /],
]; // prettier-ignore

describe('what Python opens and is not read here: what it is, and what to do', () => {
  for (const [name, code, message] of REFUSED) {
    test(name, () => {
      fs.copyFileSync(path.join(folder, `${name}.bin`), target);
      assert.throws(readAll, (error) => {
        assert.ok(error instanceof PickleError && error.code === code, String(error));
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /do not open/);
        return code === 'E_PICKLE_FORM' || TRUSTED.test(error.message);
      });
    });
  }

  test('a class of nobody knows what', () => {
    writeOld(Buffer.from('\x80\x02cmy_project.nets\nQANet\n)R.', 'latin1'));
    const message = /"my_project\.nets\.QANet", which no weights need: it holds a whole model, or something that runs code; .*; otherwise do not open it in Python either/; // prettier-ignore
    assert.throws(readAll, { code: 'E_PICKLE_CODE', message });
  });
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
