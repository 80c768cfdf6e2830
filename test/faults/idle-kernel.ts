// A notebook that nobody touches for ten hours, in fast motion: it is there, knows what it knew, and has not grown.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from '../kernel/client';
import { type Form, type Row, Tally } from './tally';

/** Seconds of ours to an hour of the kernel's: fast-clock.cjs. */
const SECONDS = 1;
const LONGEST_GROWTH = 50e6;

/** Resident memory in bytes; 0 where the system does not tell. */
function residentOf(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** Idle by itself, with a timer of a cell that ticks each minute, and asked for its state now and then, as Jupyter does. */
export async function idleKernel({ isLong }: Form): Promise<Row[]> {
  const hours = isLong ? 10 : 2;
  const tally = new Tally(`a kernel idle for ${hours} hours`);
  const figures: Record<string, string | number> = {};
  await tally.trial('idle', async () => {
    const kernel = await Client.start({ preload: path.join(__dirname, 'fast-clock.cjs') });
    try {
      const pid = kernel.process.pid!;
      const began = await kernel.run(
        'const kept = [1, 2, 3]; let ticks = 0; const ticking = setInterval(() => { ticks++ }, 60_000); Date.now()',
      );
      assert.deepEqual(began.errors, []);
      await sleep(SECONDS); // what the first cell loads is in memory
      const early = residentOf(pid);
      const heard = kernel.heard.length;
      for (let hour = 0; hour < hours; hour++) {
        await sleep(SECONDS);
        await kernel.ask('kernel_info_request', {}, 'control');
      }
      const late = residentOf(pid);
      const said = kernel.heard.slice(heard).filter(({ type }) => type !== 'status');
      const cell = await kernel.run('clearInterval(ticking); [kept.length, ticks, Date.now()].join()');
      assert.deepEqual(cell.errors, []);
      const [length, ticks, ended] = cell.result!.replaceAll("'", '').split(',').map(Number);
      const passed = (ended - Number(began.result)) / 3_600_000;
      assert.equal(length, 3);
      assert.ok(passed >= hours, `${passed} hours`);
      assert.ok(ticks > 10 * hours, `the cell's timer ticked ${ticks} times in ${passed} hours`);
      assert.deepEqual(said, []);
      assert.ok(late - early < LONGEST_GROWTH, `memory grew from ${early} to ${late} bytes`);
      Object.assign(figures, { 'hours passed': passed.toFixed(1), ticks, early: `${Math.round(early / 1e6)} MB`, late: `${Math.round(late / 1e6)} MB` }); // prettier-ignore
      return 'there, with its variables';
    } finally {
      await kernel.stop();
    }
  });
  return [{ ...tally.row, figures }];
}
