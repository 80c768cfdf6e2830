// Damage to checkpoints: any bit of any file, cut, swapped or lost files; all is noticed, and what is whole is found.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Random } from '../../src/engine/random';
import { verifyCheckpoint } from '../../src/training/checkpoint';
import { checkpointFolder, latestCheckpoint } from '../../src/training/checkpoints';
import { Trainer } from '../../src/training/trainer';
import { setup, temporary } from '../training/small';
import { type Form, type Row, Tally } from './tally';

type Damage = (checkpoint: string, random: Random) => void;

const filesOf = (folder: string) =>
  fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).sort(); // prettier-ignore
const pick = (checkpoint: string, random: Random) => {
  const files = filesOf(checkpoint);
  return files[random.integer(files.length)];
};
/** Files that no run needs and that the record covers all the same. */
const change = (file: string, work: (bytes: Buffer) => Buffer) => fs.writeFileSync(file, work(fs.readFileSync(file)));

const DAMAGES: Record<string, Damage> = {
  'one bit flipped': (checkpoint, random) =>
    change(pick(checkpoint, random), (bytes) => {
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
      return bytes;
    }),
  'cut short': (checkpoint, random) =>
    change(pick(checkpoint, random), (bytes) => bytes.subarray(0, random.integer(bytes.length))),
  'a file gone': (checkpoint, random) => fs.rmSync(pick(checkpoint, random)),
  'a block of zeros': (checkpoint, random) =>
    change(pick(checkpoint, random), (bytes) => {
      const at = random.integer(bytes.length);
      bytes.fill(bytes[at] === 0 ? 1 : 0, at, Math.min(bytes.length, at + 512));
      return bytes;
    }),
  'bytes of another checkpoint': (checkpoint, random) => {
    const other = checkpoint.replace(/\d+$/, '5');
    const names = ['model.safetensors', 'exp_avg/model.safetensors', 'training_state.json', 'SHA256SUMS'];
    const name = names[random.integer(names.length)];
    fs.copyFileSync(path.join(other, name), path.join(checkpoint, name));
  },
};

/** Each damage many times: the checkpoint is refused with its code, and the one before it is taken. */
export async function checkpointFaults({ seed, isLong }: Form): Promise<Row[]> {
  const random = new Random(seed, 3);
  const output = temporary();
  await new Trainer(setup({ checkpointEvery: 5, keepCheckpoints: 3 }, output)).run();
  const newest = checkpointFolder(output, 15);
  const kept = `${newest}-kept`;
  fs.renameSync(newest, kept);
  const rows: Row[] = [];
  for (const [name, damage] of Object.entries(DAMAGES)) {
    const tally = new Tally(name);
    for (let i = 0; i < (isLong ? 1_000 : 15); i++) {
      fs.rmSync(newest, { recursive: true, force: true });
      fs.cpSync(kept, newest, { recursive: true });
      damage(newest, random);
      await tally.trial(name, () => {
        assert.throws(() => verifyCheckpoint(newest), { code: 'E_CHECKPOINT' });
        const latest = latestCheckpoint(output);
        assert.deepEqual([latest?.head.state.step, latest?.passedOver.length], [10, 1]);
        return 'noticed';
      });
    }
    rows.push(tally.row);
  }
  fs.rmSync(output, { recursive: true });
  return rows;
}
