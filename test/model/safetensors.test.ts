// The safetensors format: what we write we read, what Python wrote we read, and every damage has its message.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { SpanlabError } from '../../src/errors';
import { SafetensorsFile } from '../../src/model/safetensors';
import { writeSafetensors } from '../../src/publish/safetensors-writer';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const file = path.join(folder, 'x.safetensors');

/** A file with this header, whatever it says, and `data` bytes behind it. */
function craft(header: unknown, data = 8, length?: bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(json.length));
  fs.writeFileSync(file, Buffer.concat([size, json, Buffer.alloc(data)]));
  return file;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test('what is written is read again, any names, shapes and values', () => {
  const values = fc.array(fc.float({ noNaN: true }), { maxLength: 20 });
  const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '__metadata__');
  fc.assert(
    fc.property(fc.dictionary(name, values, { maxKeys: 6, noNullPrototype: true }), (tensors) => {
      const data = new Map(
        Object.entries(tensors).map(([key, list]) => [key, { shape: [list.length], values: Float32Array.from(list) }]),
      );
      writeSafetensors(file, data);
      const read = new SafetensorsFile(file);
      assert.deepEqual([...read.tensors.keys()].sort(), [...data.keys()].sort());
      for (const [key, { values }] of data) assert.deepEqual(read.readFloat32(key), values);
      assert.deepEqual(read.metadata, { format: 'pt' });
      read.close();
    }),
    { numRuns: 60 },
  );
});

test('files of Python, with their metadata', () => {
  const read = new SafetensorsFile(path.join(__dirname, '..', 'reference', 'tiny', 'bert', 'model.safetensors'));
  assert.deepEqual(read.tensors.get('qa_outputs.weight')?.shape, [2, 12]);
  assert.deepEqual(read.metadata, { format: 'pt' });
  read.close();
});

test('F16 and BF16 become float32', () => {
  const header = { h: entry(0, 8, [4], 'F16'), b: entry(8, 14, [3], 'BF16') };
  craft(header, 14);
  const bytes = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00, 0x3f80, 0xc040, 0x0000).buffer);
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, bytes, 0, 14, fs.statSync(file).size - 14);
  fs.closeSync(descriptor);
  const read = new SafetensorsFile(file);
  assert.deepEqual(Array.from(read.readFloat32('h')), [1, -2, 2 ** -24, Infinity]);
  assert.deepEqual(Array.from(read.readFloat32('b')), [1, -3, 0]);
  read.close();
});

describe('damage', () => {
  const cases: [string, () => string, RegExp][] = [
    ['too short for a length', () => (fs.writeFileSync(file, 'abc'), file), /3 bytes long/],
    ['a header beyond the file', () => craft({}, 0, 1000n), /does not fit/],
    ['a header beyond the limit', () => craft({}, 0, 100_000_001n), /at most 100000000/],
    ['not JSON', () => craft('{"a": '), /header is not valid/],
    ['not beginning with {', () => craft(' {}', 0), /must begin with/],
    [
      'not UTF-8',
      () => (
        craft('{"a":1}', 0),
        fs.writeFileSync(
          file,
          Buffer.concat([
            fs.readFileSync(file).subarray(0, 9),
            Buffer.from([0xff, 0xfe]),
            fs.readFileSync(file).subarray(11),
          ]),
        ),
        file
      ),
      /header is not valid/,
    ],
    ['an unknown type', () => craft({ a: entry(0, 8, [2], 'F7') }), /unknown type "F7"/],
    ['a shape that is none', () => craft({ a: { ...entry(0, 8), shape: [-1] } }), /has the shape/],
    ['offsets that are none', () => craft({ a: { ...entry(0, 8), data_offsets: [0] } }), /data_offsets/],
    ['a size that does not match', () => craft({ a: entry(0, 8, [3]) }), /its shape needs 12/],
    ['a gap', () => craft({ a: entry(4, 8) }), /byte \d+ was expected/],
    ['an overlap', () => craft({ a: entry(0, 8), b: entry(4, 8) }), /byte \d+ was expected/],
    ['bytes behind the last tensor', () => craft({ a: entry(0, 4) }), /its header says/],
    ['a tensor cut short', () => craft({ a: entry(0, 16) }), /its header says/],
    ['an entry that is no object', () => craft({ a: null }), /unknown type/],
  ];
  for (const [title, make, message] of cases) {
    test(title, () => {
      const broken = make();
      assert.throws(() => new SafetensorsFile(broken), { code: 'E_SAFETENSORS', message });
    });
  }

  test('any change of any byte is read without a crash, or refused with the code', () => {
    writeSafetensors(file, new Map([['weight', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }]]));
    const good = fs.readFileSync(file);
    const target = path.join(folder, 'mutated.safetensors');
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(good);
        bytes[at] ^= flip;
        fs.writeFileSync(target, bytes);
        try {
          const read = new SafetensorsFile(target);
          for (const [name, { begin, end }] of read.tensors) assert.equal(read.readBytes(name).length, end - begin);
          read.close();
        } catch (error) {
          assert.ok(error instanceof SpanlabError && error.code === 'E_SAFETENSORS', String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('a missing tensor and a tensor that is no float', () => {
  craft({ a: entry(0, 8, [1], 'I64') });
  const read = new SafetensorsFile(file);
  assert.throws(() => read.readFloat32('b'), { code: 'E_SAFETENSORS', message: /no tensor "b"/ });
  assert.throws(() => read.readFloat32('a'), { code: 'E_SAFETENSORS', message: /type I64/ });
  read.close();
});
