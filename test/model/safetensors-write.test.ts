// What we write is, byte for byte, what the reference implementation writes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { type TensorType, BITS } from '../../src/model/safetensors/types';
import { type TensorData, writeSafetensors } from '../../src/model/safetensors/write';

const REFERENCE = path.join(__dirname, '..', 'reference');
const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'x.safetensors');

function readAll(from: string): [Map<string, TensorData>, Record<string, string>] {
  const read = new SafetensorsFile(from);
  const tensors = [...read.tensors].map(([name, { dtype, shape }]): [string, TensorData] => [
    name,
    { dtype, shape, values: new Uint8Array(read.readBytes(name)) },
  ]);
  read.close();
  return [new Map(tensors), read.metadata];
}

/** Every file that Python wrote (saved.py and model.py in test/reference, safetensors 0.8.0). */
const files = fs
  .readdirSync(REFERENCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.safetensors'));

describe('a file of Python, read and written again, is the same file', () => {
  for (const name of files) {
    test(name, () => {
      const [tensors, metadata] = readAll(path.join(REFERENCE, name));
      writeSafetensors(file, new Map([...tensors].reverse()), metadata);
      assert.ok(fs.readFileSync(file).equals(fs.readFileSync(path.join(REFERENCE, name))));
    });
  }

  test('there are many, and every type of torch is among them', () => {
    assert.ok(files.length > 12, String(files.length));
    const [tensors] = readAll(path.join(REFERENCE, 'saved', 'types.safetensors'));
    assert.equal(new Set([...tensors.values()].map(({ dtype }) => dtype)).size, 20);
  });
});

test('the type of an array is the type of the tensor', () => {
  const arrays: TensorData['values'][] = [
    ...[Float32Array.of(1.5, -2), Float64Array.of(1e300, 0)],
    ...[Int8Array.of(-1, 7), Int16Array.of(-300, 1), Int32Array.of(-70000, 1), BigInt64Array.of(-1n, 1n)],
    ...[Uint8Array.of(255, 0), Uint16Array.of(60000, 1), Uint32Array.of(4e9, 1), BigUint64Array.of(2n ** 63n, 1n)],
  ];
  const names = 'F32 F64 I8 I16 I32 I64 U8 U16 U32 U64'.split(' ');
  writeSafetensors(file, new Map(names.map((name, i) => [name, { shape: [2], values: arrays[i] }])));
  const read = new SafetensorsFile(file);
  names.forEach((name, i) => {
    assert.equal(read.tensors.get(name)?.dtype, name);
    assert.ok(read.readBytes(name).equals(Buffer.from(arrays[i].buffer)), name);
  });
  read.close();
});

test('a part of an array is written, not what is around it', () => {
  writeSafetensors(file, new Map([['a', { shape: [2], values: Float32Array.of(1, 2, 3, 4).subarray(1, 3) }]]));
  const read = new SafetensorsFile(file);
  assert.deepEqual(read.readFloat32('a'), Float32Array.of(2, 3));
  read.close();
});

test('tensors of any types begin where their elements are aligned, and are read as they were', () => {
  const types = (Object.keys(BITS) as TensorType[]).filter((type) => BITS[type] % 8 === 0);
  const tensor = fc
    .record({ dtype: fc.constantFrom(...types), shape: fc.array(fc.nat(4), { maxLength: 3 }), seed: fc.nat(255) })
    .map(({ dtype, shape, seed }): TensorData => {
      const count = shape.reduce((a, b) => a * b, 1);
      return { dtype, shape, values: new Uint8Array((count * BITS[dtype]) / 8).fill(seed) };
    });
  const names = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => name !== '__metadata__');
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(names, tensor), { maxLength: 8, selector: ([name]) => name }), (list) => {
      writeSafetensors(file, new Map(list), {});
      const [again] = readAll(file);
      assert.deepEqual(new Map([...again].sort()), new Map([...list].sort()));
      const read = new SafetensorsFile(file);
      read.close();
      for (const [name, { dtype, begin }] of read.tensors) assert.equal(begin % (BITS[dtype] / 8), 0, name);
    }),
    { numRuns: 200 },
  );
});

describe('what cannot be written is refused, and the old file stays', () => {
  const one = { shape: [1], values: Float32Array.of(1) };
  const cases: [string, Map<string, TensorData>, string, RegExp][] = [
    [
      'too few elements',
      new Map([['w', { shape: [2, 2], values: new Float32Array(3) }]]),
      'SIZE',
      /F32 \[2, 2\] needs 16/,
    ],
    ['too many', new Map([['w', { shape: [], values: new Float32Array(2) }]]), 'SIZE', /"w" has 8 bytes/],
    ['bits of another width', new Map([['w', { ...one, dtype: 'BF16' }]]), 'SIZE', /BF16 \[1\] needs 2/],
    ['the name of the metadata', new Map([['__metadata__', one]]), 'NAME', /"__metadata__"/],
    ['half a character as a name', new Map([['a\ud83d', one]]), 'NAME', /\\ud83d/],
    ['a header beyond the limit', new Map([['x'.repeat(100_000_000), one]]), 'HEADER_SIZE', /at most 100000000/],
  ];
  for (const [title, tensors, rule, message] of cases) {
    test(title, () => {
      fs.writeFileSync(file, 'old');
      assert.throws(() => writeSafetensors(file, tensors), { code: `E_SAFETENSORS_${rule}`, message });
      assert.equal(fs.readFileSync(file, 'utf8'), 'old');
    });
  }
});
