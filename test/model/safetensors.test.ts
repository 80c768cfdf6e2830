// The safetensors format: what we write we read, what Python wrote we read, and every damage has its message.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { SafetensorsError } from '../../src/model/safetensors/errors';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { BITS } from '../../src/model/safetensors/types';
import { writeSafetensors } from '../../src/model/safetensors/write';

const VERDICTS = path.join(__dirname, '..', 'reference', 'safetensors.json');
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
  const good = { a: entry(0, 8) };
  const cases: [rule: string, title: string, make: () => string, message: RegExp][] = [
    ['SHORT', 'too short for a length', () => (fs.writeFileSync(file, 'abc'), file), /3 bytes long/],
    ['TRUNCATED', 'a header beyond the file', () => craft({}, 0, 1000n), /does not fit/],
    ['HEADER_SIZE', 'a header beyond the limit', () => craft({}, 0, 100_000_001n), /at most 100000000/],
    ['JSON', 'not JSON', () => craft('{"a": '), /not valid JSON/],
    ['JSON', 'not beginning with {', () => craft(' {}', 0), /must begin with/],
    ['JSON', 'a byte-order mark', () => craft('\ufeff{}', 0), /must begin with/],
    [
      'JSON',
      'a number that is not whole',
      () => craft(JSON.stringify(good).replace('[2]', '[2.0]')),
      /2\.0 at character/,
    ],
    ['JSON', 'half a character', () => craft('{"\\ud800":1}', 0), /half a character/],
    [
      'DUPLICATE',
      'a tensor twice',
      () => craft('{"a":1,"b":[{}],"\\u0061":2}', 0),
      /occurs twice, again at character 16/,
    ],
    ['DUPLICATE', 'a field twice', () => craft('{"a":{"shape":[],"shape":[]}}', 0), /"shape" occurs twice/],
    ['METADATA', 'metadata of numbers', () => craft({ __metadata__: { a: 1 }, ...good }), /texts by name/],
    ['METADATA', 'metadata of a text', () => craft({ __metadata__: 'a', ...good }), /texts by name/],
    ['DTYPE', 'an unknown type', () => craft({ a: entry(0, 8, [2], 'F7') }), /unknown type "F7"/],
    ['ENTRY', 'a list of types', () => craft({ a: { ...entry(0, 8), dtype: ['F32'] } }), /has no dtype/],
    ['JSON', 'a negative size', () => craft({ a: { ...entry(0, 8), shape: [-1] } }), /no whole number/],
    ['ENTRY', 'a shape of texts', () => craft({ a: { ...entry(0, 8), shape: ['2'] } }), /has the shape/],
    ['ENTRY', 'offsets that are none', () => craft({ a: { ...entry(0, 8), data_offsets: [0] } }), /data_offsets/],
    ['SIZE', 'a size that does not match', () => craft({ a: entry(0, 8, [3]) }), /need 12/],
    [
      'SIZE',
      'a shape beyond every file',
      () => craft({ a: entry(0, 8, [2 ** 40, 2 ** 40]) }),
      /more than there can be/,
    ],
    ['SIZE', 'half a byte', () => craft({ a: entry(0, 8, [15], 'F4') }), /takes 8 bytes/],
    ['GAP', 'a gap', () => craft({ a: entry(4, 8) }), /byte \d+ was expected/],
    ['OVERLAP', 'an overlap', () => craft({ a: entry(0, 8), b: entry(4, 8) }), /byte \d+ was expected/],
    ['TRAILING', 'bytes behind the last tensor', () => craft({ a: entry(0, 4) }), /its header says/],
    ['TRUNCATED', 'a tensor cut short', () => craft({ a: entry(0, 16) }), /its header says/],
    ['ENTRY', 'an entry that is no object', () => craft({ a: null }), /not described by an object/],
  ];
  for (const [rule, title, make, message] of cases) {
    test(title, () => {
      const broken = make();
      assert.throws(() => new SafetensorsFile(broken), { code: `E_SAFETENSORS_${rule}`, message });
    });
  }

  test('a header that is not UTF-8', () => {
    craft('{"a":1}', 0);
    const bytes = fs.readFileSync(file);
    bytes.set([0xff, 0xfe], 9);
    fs.writeFileSync(file, bytes);
    assert.throws(() => new SafetensorsFile(file), { code: 'E_SAFETENSORS_JSON', message: /not UTF-8/ });
  });
});

// test/reference/safetensors_cases.py, safetensors 0.8.0: crafted files and mutated ones
test('the reference’s verdict on every file, and ours alone where the format says more than it checks', () => {
  const { cases } = JSON.parse(fs.readFileSync(VERDICTS, 'utf8')) as {
    cases: { name: string; file: string; accepted: boolean }[];
  };
  const refused = cases.filter(({ name, file: content, accepted }) => {
    fs.writeFileSync(file, Buffer.from(content, 'base64'));
    const code = refusal(file);
    if (name.startsWith('strict: ')) assert.ok(accepted && code, name);
    else assert.equal(code === undefined, accepted, `${name}: ${code ?? 'accepted'}`);
    return code !== undefined;
  });
  assert.ok(cases.length > 400 && refused.length > 300 && cases.length - refused.length > 30);
});

test('texts of many megabytes, plain or escaped, are read or refused as short ones are', () => {
  for (const text of ['x'.repeat(2 ** 24), '\n'.repeat(2 ** 23)]) {
    const read = new SafetensorsFile(craft({ __metadata__: { text } }, 0));
    assert.ok(read.metadata.text === text);
    read.close();
  }
  assert.equal(refusal(craft(`{"a":${'1'.repeat(2 ** 24)}}`, 0)), 'E_SAFETENSORS_ENTRY');
});

/** The code of what is wrong with a file; anything but a coded error is thrown on. */
function refusal(path: string): string | undefined {
  try {
    new SafetensorsFile(path).close();
    return undefined;
  } catch (error) {
    if (error instanceof SafetensorsError) return error.code;
    throw error;
  }
}

// SPANLAB_FUZZ=20000 for the long run
test('changed files are refused with a code, or give exactly the bytes that their header names', () => {
  writeSafetensors(
    file,
    new Map(['a', 'b'].map((name) => [name, { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }])),
  );
  const good = fs.readFileSync(file);
  const change = fc.oneof(
    fc.record({ at: fc.nat(good.length - 1), put: fc.uint8Array({ minLength: 1, maxLength: 3 }), cut: fc.nat(3) }),
    fc.record({
      at: fc.integer({ min: 8, max: good.length - 1 }),
      put: fc.string({ unit: fc.constantFrom(...'0123456789,:{}[]"F'), maxLength: 3 }).map((text) => Buffer.from(text)),
      cut: fc.nat(3),
    }),
    fc.record({ at: fc.nat(good.length - 1), put: fc.constant(new Uint8Array()), cut: fc.constant(good.length) }),
  );
  let opened = 0;
  const property = fc.property(
    fc.array(change, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    (changes, keepsLength) => {
      const bytes = changes.reduce<Buffer>(apply, good);
      if (keepsLength && bytes.length > 8) bytes.writeBigUInt64LE(BigInt(Math.max(0, bytes.lastIndexOf('}') - 7)), 0);
      fs.writeFileSync(file, bytes);
      if (refusal(file) !== undefined) return;
      opened++;
      checkTensors(bytes);
    },
  );
  fc.assert(property, { numRuns: Number(process.env.SPANLAB_FUZZ ?? 2000) });
  assert.ok(opened > 0);
});

function apply(bytes: Buffer, { at, put, cut }: { at: number; put: Uint8Array; cut: number }): Buffer {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
}

/** By a second, simple reading of the same bytes. */
function checkTensors(bytes: Buffer): void {
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { data_offsets: number[] }>;
  const read = new SafetensorsFile(file);
  let total = 0;
  for (const [name, { data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [begin, end] = offsets.map((offset) => 8 + length + offset);
    assert.deepEqual(read.readBytes(name), bytes.subarray(begin, end));
    total += end - begin;
  }
  assert.equal(8 + length + total, bytes.length);
  read.close();
}

test('what a header claims is not allocated', () => {
  const lies = [
    () => craft({}, 0, 99_999_999n),
    () => craft({ a: entry(0, 8, [2 ** 31]) }),
    () => craft({ a: entry(0, 2 ** 33, [2 ** 31]) }),
    () => craft({ a: { ...entry(0, 8), shape: Array.from({ length: 1000 }, () => 9) } }),
  ];
  for (const lie of lies) {
    const broken = lie();
    const before = process.memoryUsage().arrayBuffers;
    assert.match(refusal(broken)!, /^E_SAFETENSORS_(TRUNCATED|SIZE)$/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1e6);
  }
});

test('every type of the format is a tensor; those that are no floats are read as bytes', () => {
  for (const [dtype, bits] of Object.entries(BITS)) {
    craft({ a: entry(0, 24, [(24 * 8) / bits], dtype) }, 24);
    const read = new SafetensorsFile(file);
    assert.equal(read.readBytes('a').length, 24);
    if (/^(F16|BF16|F32|F64)$/.test(dtype)) assert.equal(read.readFloat32('a').length, (24 * 8) / bits);
    else
      assert.throws(() => read.readFloat32('a'), { code: 'E_SAFETENSORS_TYPE', message: new RegExp(`type ${dtype}`) });
    read.close();
  }
});

test('a tensor that is not there', () => {
  craft({ a: entry(0, 8) });
  const read = new SafetensorsFile(file);
  assert.throws(() => read.readFloat32('b'), { code: 'E_SAFETENSORS_MISSING', message: /no tensor "b"/ });
  read.close();
});
