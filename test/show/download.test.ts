// The line of a download: share, speed, time left, and what it says when the length is not known.
import assert from 'node:assert/strict';
import test from 'node:test';
import { describeDownload, DownloadProgress, showDownload } from '../../src/show/download';

test('share, speed and time left', () => {
  assert.equal(
    describeDownload(21e6, 42e6, 7e6),
    'downloading ██████████░░░░░░░░░░ 21.0 of 42.0 MB  7.0 MB/s  3 s left',
  );
  assert.equal(describeDownload(1e6, 0, 5e5), 'downloading 1.0 MB  0.5 MB/s');
  assert.equal(describeDownload(0, 42e6, NaN), 'downloading ░░░░░░░░░░░░░░░░░░░░ 0.0 of 42.0 MB');
});

test('what was there before this run says nothing about the speed', () => {
  const lines: string[] = [];
  const progress = new DownloadProgress({ write: (text: string) => lines.push(text), isTTY: true });
  progress.update(90e6, 100e6, 1000);
  progress.update(92e6, 100e6, 2000);
  assert.match(lines.at(-1)!, /92\.0 of 100\.0 MB {2}2\.0 MB\/s {2}4 s left/);
  progress.update(1e6, 50e6, 3000); // the next file
  progress.update(11e6, 50e6, 4000);
  assert.match(lines.at(-1)!, /10\.0 MB\/s/);
});

test('nothing is said when nothing comes, and the line ends when it fails', async () => {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text), isTTY: true };
  assert.equal(await showDownload(() => Promise.resolve(7), output), 7);
  assert.deepEqual(lines, []);
  const failing = showDownload((onProgress) => {
    onProgress(1, 2);
    return Promise.reject(new Error('cut'));
  }, output);
  await assert.rejects(failing, /cut/);
  assert.equal(lines.at(-1), '\n');
});
