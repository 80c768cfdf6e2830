// The short form of the fault harness: everything once, from one seed. `npm run test:faults` is the long one.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { startBackend } from '../engine/backend';
import { checkpointFaults } from './checkpoints';
import { downloadFaults } from './downloads';
import { idleKernel } from './idle-kernel';
import { machineFaults } from './machines';
import { serveLoad } from './serve-load';
import type { Form, Row } from './tally';

const FORM: Form = { seed: 20, isLong: false };

function assertNothingLost(rows: Row[]): void {
  for (const { what, tried, lost } of rows) {
    assert.ok(tried > 0, `${what} was not tried`);
    assert.deepEqual(lost, [], what);
  }
}

before(startBackend);

test('downloads survive every server', async () => assertNothingLost(await downloadFaults(FORM)));

test('checkpoints know themselves', async () => assertNothingLost(await checkpointFaults(FORM)));

test('odd machines', async () => assertNothingLost(await machineFaults(FORM)));

test('a kernel is idle for hours', async () => assertNothingLost(await idleKernel(FORM)));

test('a mixed load with an engine that is killed', async () => assertNothingLost(await serveLoad(FORM)));
