// Packed files that unpack to far more than they are, and files with more rows than memory holds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { importData } from '../../src/squad/import';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const row = `${JSON.stringify({ question: 'Who won?', context: 'In the end Ada won.', answer: 'Ada' })}\n`;
const place = (name: string, bytes: Uint8Array | string) => {
  fs.writeFileSync(path.join(folder, name), bytes);
  return path.join(folder, name);
};

test('a packed file that grows to hundreds of megabytes is refused by what is inside', () => {
  const zeros = Buffer.alloc(300 << 20);
  const files = [
    place('bomb.json.gz', gzipSync(zeros, { level: 1 })),
    place('bomb.zip', zipSync({ 'bomb.json': zeros }, { level: 1 })),
    place('twice.json.gz.gz', gzipSync(gzipSync(zeros))),
  ];
  for (const file of files) {
    assert.throws(() => importData(file), (error: Error & { code: string }) => {
      assert.equal(error.code, 'E_SQUAD_PACKED', error.message);
      return error.message.includes('far too large');
    }); // prettier-ignore
  }
});

test('more rows than memory holds end in a code, and not the process', { timeout: 120_000 }, () => {
  const bin = path.join(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');
  const [lines, table] = [row.repeat(400_000), `question,context,answer\n${'Who?,Ada won.,Ada\n'.repeat(400_000)}`];
  for (const file of [place('rows.jsonl.gz', gzipSync(lines)), place('rows.csv', table)]) {
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=500' };
    const { status, stderr } = spawnSync(process.execPath, [bin, 'data', 'check', file], { encoding: 'utf8', env });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^error: E_FILE_LARGE: .*: its 400000 rows need about 80\d MB of memory/);
    assert.ok(stderr.includes(file));
  }
});
