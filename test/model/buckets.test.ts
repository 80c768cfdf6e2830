// The buckets of distances are the reference's, for every distance up to 600 to either side (test/reference/buckets.py).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { debertaBucket } from '../../src/model/families/deberta';
import { mpnetBucket } from '../../src/model/families/mpnet';

const file = path.join(__dirname, '..', 'reference', 'buckets.json');
const { farthest, ...lists } = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, number[]> & {
  farthest: number;
};

for (const [name, expected] of Object.entries(lists)) {
  test(name, () => {
    const [, buckets, longest] = name.split(' ').map(Number);
    const bucket = (distance: number) =>
      name === 'mpnet' ? mpnetBucket(distance) : debertaBucket(distance, buckets, longest);
    assert.equal(expected.length, 2 * farthest + 1);
    assert.deepEqual(
      expected.map((_, i) => bucket(i - farthest)),
      expected,
    );
  });
}
