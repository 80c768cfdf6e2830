// The short form of the fault harness: everything once, from one seed. `npm run test:faults` is the long one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { downloadFaults } from './downloads';
import type { Form, Row } from './tally';

const FORM: Form = { seed: 20, isLong: false };

function assertNothingLost(rows: Row[]): void {
  for (const { what, tried, lost } of rows) {
    assert.ok(tried > 0, `${what} was not tried`);
    assert.deepEqual(lost, [], what);
  }
}

test('downloads survive every server', async () => assertNothingLost(await downloadFaults(FORM)));
