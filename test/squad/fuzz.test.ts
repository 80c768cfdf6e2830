// 500 hostile files of every form; fuzz.ts by itself makes 20,000.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fuzz, FUZZED } from './fuzz';

const INPUTS = 500;

for (const form of FUZZED) {
  test(`${form}: a coded error, or right records`, () => {
    const refused = fuzz(form, 0, INPUTS);
    // some are refused and some are read, or nothing was tried
    assert.ok(refused > 5 && refused < INPUTS - 5, `${refused}`);
    assert.ok(process.resourceUsage().maxRSS < 1e6, 'more than 1 GB');
  });
}
