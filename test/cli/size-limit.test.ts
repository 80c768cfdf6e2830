// A shell may limit how large a file gets (`ulimit -f`): commands and notebooks say so, and are not ended by the system.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Client } from '../kernel/client';
import { smallModel } from './small-model';

const ROOT = path.resolve(__dirname, '..', '..');
const DEV = path.join(ROOT, 'data', 'workshop', 'dev.json');
const skip = process.platform === 'win32' && 'Windows has no such limit';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));

/** A command line whose files may have so many blocks of 1,024 bytes. */
function limited(blocks: number, command: string) {
  const bin = path.join(ROOT, 'src', 'cli', 'bin.cjs');
  const script = `ulimit -f ${blocks}; exec "$0" "$1" ${command}`;
  const args = ['-c', script, process.execPath, bin];
  return spawnSync('bash', args, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
}

test('a command that may not write so much says so with a code', { skip, timeout: 300_000 }, async () => {
  const model = await smallModel();
  for (const [what, command] of [
    ['train', `train --model ${model} --train ${DEV} --out ${folder}/run --steps 1 --max-length 64`],
    ['data', `data convert ${DEV} --out ${folder}/out.csv`],
    ['standard output', `data check ${DEV} --json > ${folder}/output`],
  ]) {
    const { status, signal, stderr } = limited(what === 'standard output' ? 0 : 8, command);
    assert.deepEqual([status, signal], [1, null], what);
    assert.match(stderr, /error: E_DISK_FULL: \S.*the file would be larger .*\(ulimit -f\)[^\n]*\n$/, what);
    assert.doesNotMatch(stderr, /E_INTERNAL/);
  }
  assert.ok(!fs.existsSync(path.join(folder, 'out.csv')));
});

test('a notebook lives on after a write beyond the limit', { skip, timeout: 120_000 }, async () => {
  const client = await Client.start();
  try {
    const { errors } = await client.run("const kept = 41; process.kill(process.pid, 'SIGXFSZ')");
    assert.deepEqual(errors, []);
    assert.equal((await client.run('kept + 1')).result, '42');
  } finally {
    await client.stop();
  }
});
