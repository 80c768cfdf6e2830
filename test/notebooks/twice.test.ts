// Students run cells twice. TEACHING.md says that in 00 and 01 every cell may be run again: so each is, at once, with a model and data
// that are small.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { profileData, chooseProfile } from '../../src/lesson/profile';
import type { SquadFile } from '../../src/squad/schema';
import { projectRoot } from '../../src/root';
import { smallModel } from '../cli/small-model';
import { Client } from '../kernel/client';

let [encoder, folder]: string[] = [];

before(async () => {
  encoder = await smallModel();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'twice-'));
});
after(() => {
  fs.rmSync(path.dirname(encoder), { recursive: true });
  fs.rmSync(folder, { recursive: true });
});

/** The first articles alone, so that a training takes seconds. */
function shortened(file: string): string {
  const { version, data } = JSON.parse(fs.readFileSync(file, 'utf8')) as SquadFile;
  const target = path.join(folder, path.basename(file));
  fs.writeFileSync(target, JSON.stringify({ version, data: data.slice(0, 4) }));
  return target;
}

/** What makes a notebook small: places of its code, and what stands there instead. */
async function smaller(): Promise<Record<string, [place: string, instead: string][]>> {
  const { train, part, dev } = await profileData(chooseProfile('workshop'));
  const files = { train: shortened(train), part: shortened(part), dev: shortened(dev) };
  const profile = { encoder, epochs: 1, output: path.join(folder, 'model') };
  return {
    '00-start-here': [
      [`resolveModel('workshop')`, `resolveModel(${JSON.stringify(encoder)})`],
      ['.slice(0, 1250)', '.slice(0, 16)'],
    ],
    '01-tutorial': [
      ['chooseProfile()', `{ ...chooseProfile(), ...${JSON.stringify(profile)} }`],
      ['await profileData(profile)', JSON.stringify(files)],
    ],
  };
}

interface Notebook {
  cells: { cell_type: string; source: string[] }[];
}

async function smallCells(name: string): Promise<string[]> {
  const notebook = fs.readFileSync(path.join(projectRoot(), 'notebooks', `${name}.ipynb`), 'utf8');
  const code = (JSON.parse(notebook) as Notebook).cells.filter(({ cell_type: type }) => type === 'code');
  const sources = code.map(({ source }) => source.join(''));
  for (const [place, instead] of (await smaller())[name]) {
    const at = sources.findIndex((source) => source.includes(place));
    assert.notEqual(at, -1, `${place} is not in ${name}`);
    sources[at] = sources[at].replace(place, () => instead);
  }
  return sources;
}

for (const name of ['00-start-here', '01-tutorial']) {
  test(`${name}: every cell runs twice`, { timeout: 300_000 }, async () => {
    const kernel = await Client.start();
    try {
      for (const source of await smallCells(name)) {
        for (const time of ['first', 'second']) {
          const { errors } = await kernel.run(source);
          assert.deepEqual(errors, [], `the ${time} time: ${source}`);
        }
      }
    } finally {
      await kernel.stop();
    }
  });
}
