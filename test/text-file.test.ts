// Text is UTF-8 or refused, with the place: nothing becomes a question mark in silence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { decodeText, readText } from '../src/text-file';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
after(() => fs.rmSync(folder, { recursive: true }));
const file = path.join(folder, 'x.txt');

test('any text comes back, with or without a byte-order mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, hasMark) => {
      fc.pre(!text.startsWith('\ufeff'));
      fs.writeFileSync(file, (hasMark ? '\ufeff' : '') + text);
      assert.equal(readText(file), text);
    }),
  );
});

/** By the definition of UTF-8 (RFC 3629), one sequence after the other. */
function firstBad(bytes: number[]): number | undefined {
  const shapes: [RegExp, number][] = [
    [/^[\x00-\x7f]/, 1],
    [/^[\xc2-\xdf][\x80-\xbf]/, 2],
    [/^(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]/, 3],
    [/^(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}/, 4],
  ];
  const text = String.fromCharCode(...bytes);
  for (let at = 0; at < text.length;) {
    const shape = shapes.find(([pattern]) => pattern.test(text.slice(at)));
    if (!shape) return at;
    at += shape[1];
  }
  return undefined;
}

test('of any bytes, those that are no UTF-8 are refused, and the place is in the bad sequence', () => {
  const byte = fc.oneof(fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xff), fc.nat(255)); // prettier-ignore
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 30 }), (bytes) => {
      const bad = firstBad(bytes);
      const decode = () => decodeText(Buffer.from(bytes), 'x');
      if (bad === undefined) {
        decode();
        return;
      }
      let place: number | undefined;
      assert.throws(decode, ({ code, message }: { code: string; message: string }) => {
        place = Number(/byte (\d+)/.exec(message)?.[1] ?? (message.includes('UTF-16') ? bad : NaN));
        return code === 'E_FILE_ENCODING';
      });
      // the byte at fault: the first of the sequence, or the one that does not go on as it should
      assert.ok(place! >= bad && place! < bad + 4, `${place} for ${bad}`);
    }),
    { numRuns: 2000 },
  );
});

const cases: [title: string, bytes: number[], message: RegExp][] = [
  ['Windows-1252', [0x43, 0x61, 0x66, 0xe9, 0x20], /x\.txt: byte 4 is not UTF-8; save it again as UTF-8/],
  ['a byte of none', [0x41, 0xff], /byte 1 is not UTF-8/],
  ['cut in a character', [0x41, 0xf0, 0x9f], /byte [123] is not UTF-8/],
  ['UTF-16, little end first', [0xff, 0xfe, 0x41, 0x00], /it is in UTF-16/],
  ['UTF-16, big end first', [0xfe, 0xff, 0x00, 0x41], /it is in UTF-16/],
];
for (const [title, bytes, message] of cases) {
  test(`refused: ${title}`, () => {
    fs.writeFileSync(file, Uint8Array.from(bytes));
    assert.throws(() => readText(file), { code: 'E_FILE_ENCODING', message });
  });
}

test('a file that is not there, and a folder', () => {
  assert.throws(() => readText(path.join(folder, 'none')), { code: 'E_FILE_MISSING' });
  assert.throws(() => readText(folder), { code: 'E_FILE' });
});

test('a file that is too long for a text is refused before it is read', () => {
  fs.writeFileSync(file, '');
  fs.truncateSync(file, 3e9); // a hole: it takes no room
  assert.throws(() => readText(file), { code: 'E_FILE_LARGE', message: /3000 MB .* split it/ });
});

test('surrogates of three bytes are known by their name', () => {
  const half = Buffer.from([0x41, 0xed, 0xa0, 0xbd, 0x42]);
  assert.throws(() => decodeText(half, 'x'), { code: 'E_FILE_ENCODING', message: /^x: it is in CESU-8 or WTF-8 \(half a character at byte 1\); save it again as UTF-8$/ }); // prettier-ignore
});
