// Which build is asked for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { wantsGpu } from '../../src/setup/set-up';

test('SPANLAB_GPU decides, else what is seen', () => {
  for (const isSeen of [true, false]) {
    assert.equal(
      wantsGpu({}, () => isSeen),
      isSeen,
    );
    assert.equal(
      wantsGpu({ SPANLAB_GPU: '' }, () => isSeen),
      isSeen,
    );
    assert.equal(
      wantsGpu({ SPANLAB_GPU: '1' }, () => isSeen),
      true,
    );
    assert.equal(
      wantsGpu({ SPANLAB_GPU: '0' }, () => isSeen),
      false,
    );
  }
});
