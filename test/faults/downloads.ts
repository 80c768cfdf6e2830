// Downloads from servers of every kind: the right bytes, or an error with a code; never a crash, never half a file in its place.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { fetchFile } from '../../src/download/file';
import { Random } from '../../src/engine/random';
import { BadServer, BEHAVIOURS, IMPOSSIBLE } from './bad-server';
import { type Form, type Row, Tally } from './tally';

const SHORT = { sizes: [0, 1, 64 * 1024, 300_000], repetitions: 1 };
const LONG = { sizes: [0, 1, 64 * 1024, 100_000, 1_000_000, 5_000_000, 40_000_000], repetitions: 20 };

/** Behaviours that are left by the time alone. */
const SILENT = /^(stalls|says nothing)/;

/** Bytes that gzip makes smaller, different for each seed. */
export function contentOf(size: number, random: Random): Buffer {
  const content = Buffer.alloc(size);
  for (let i = 0; i < size; i++) content[i] = 97 + (random.next() & 15);
  return content;
}

/** The table of server behaviours and sizes. */
export async function downloadFaults({ seed, isLong, only = /^/ }: Form): Promise<Row[]> {
  const { sizes, repetitions } = isLong ? LONG : SHORT;
  const random = new Random(seed, 1);
  const contents = sizes.map((size) => contentOf(size, random));
  const server = await new BadServer().start();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-faults-'));
  const crashes: string[] = [];
  const onCrash = (error: Error) => void crashes.push(error.message);
  process.on('uncaughtException', onCrash);
  const rows: Row[] = [];
  try {
    for (const [name, behaviour] of Object.entries(BEHAVIOURS)) {
      if (!only.test(name)) continue;
      const tally = new Tally(name);
      for (const content of contents) {
        for (let repetition = 0; repetition < repetitions; repetition++) {
          server.act(behaviour, { content, random });
          const target = path.join(folder, 'file');
          crashes.length = 0;
          await tally.trial(`${content.length} bytes`, async () => {
            const outcome = await trial(server, target, name, content);
            assert.deepEqual(crashes, []);
            return outcome;
          });
        }
      }
      rows.push(tally.row);
    }
  } finally {
    process.off('uncaughtException', onCrash);
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

async function trial(server: BadServer, target: string, name: string, content: Buffer): Promise<string> {
  for (const file of [target, `${target}.part`, `${target}.etag`]) fs.rmSync(file, { force: true });
  // only where lengths lie must a hash tell; elsewhere the connection itself has to
  const sha256 = IMPOSSIBLE.has(name) ? createHash('sha256').update(content).digest('hex') : undefined;
  // a server on a busy machine is slow, and not silent
  const stall = SILENT.test(name) ? 500 : 60_000;
  try {
    await fetchFile(`${server.url}/file`, target, { backoff: 1, stall, sha256 });
  } catch (error) {
    assert.match((error as { code?: string }).code ?? '', /^E_DOWNLOAD/, `${(error as Error).stack}`);
    assert.ok(!fs.existsSync(target), 'an error, and yet a file');
    assert.ok(IMPOSSIBLE.has(name), `it could be had: ${(error as Error).message}`);
    return 'coded errors';
  }
  assert.ok(fs.readFileSync(target).equals(content), 'other bytes');
  assert.deepEqual(fs.readdirSync(path.dirname(target)), ['file']);
  return 'right bytes';
}
