// The measurement on GPUs, as far as a processor can show it: what is packed of a library, and that the tables are those of the results.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { entriesOf } from '../../bench/gpu/fatbin';
import { render } from '../../bench/gpu/table';
import { projectRoot } from '../../src/root';

/** A container with entries of some kinds, as CUDA lays them out. */
function container(entries: { kind: number; architecture: number; size: number }[]): Buffer {
  const parts = entries.map(({ kind, architecture, size }) => {
    const entry = Buffer.alloc(64 + size, 7);
    entry.writeUInt16LE(kind, 0);
    entry.writeUInt32LE(64, 4);
    entry.writeBigUInt64LE(BigInt(size), 8);
    entry.writeUInt32LE(architecture, 28);
    return entry;
  });
  const head = Buffer.alloc(16);
  head.writeUInt32LE(0xba55ed50, 0);
  head.writeUInt16LE(16, 6);
  head.writeBigUInt64LE(BigInt(parts.reduce((sum, part) => sum + part.length, 0)), 8);
  return Buffer.concat([head, ...parts]);
}

test('the device code of each generation is found, in every container of a section', () => {
  const first = container([
    { kind: 2, architecture: 80, size: 16 },
    { kind: 2, architecture: 90, size: 32 },
  ]);
  const second = container([{ kind: 1, architecture: 90, size: 8 }]);
  const file = Buffer.concat([Buffer.alloc(8), first, Buffer.alloc(8), second]);
  const found = [...entriesOf(file, 8, file.length)];
  assert.deepEqual(
    found.map(({ isPtx, architecture, from, to }) => [isPtx, architecture, to - from]),
    [
      [false, 80, 16],
      [false, 90, 32],
      [true, 90, 8],
    ],
  );
  for (const { from, to } of found) assert.ok(file.subarray(from, to).every((byte) => byte === 7));
});

test('the page of results is what the command writes from the JSON', () => {
  const page = path.join(projectRoot(), 'bench', 'results', 'gpu.md');
  assert.equal(fs.readFileSync(page, 'utf8'), render());
});
