// Code that is made out of text sees the variables of cells as they are, in loops that change them, too.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client } from './client';

/** Each in a kernel of its own: that a cell makes code is remembered. */
const CELLS: [code: string, last: string][] = [
  [
    'let h = 0; const grow = (() => {}).constructor("h = h + 10") as () => void; for (let i = 0; i < 3; i++) { h++; grow() }; h',
    '33',
  ],
  ['let g = 0; for (let i = 0; i < 3; i++) { g++; eval("g = g + 10") }; g', '33'],
];

for (const [code, last] of CELLS) {
  test(code, { timeout: 60_000 }, async () => {
    const kernel = await Client.start();
    const { result, errors } = await kernel.run(code);
    await kernel.stop();
    assert.deepEqual(errors, []);
    assert.equal(result, last);
  });
}
