// Students run cells twice. TEACHING.md says that in 00 and 01 every cell may be run again: so each is, at once, with a model and data
// that are small; and when all have run, those above the training are, each on its own, with what came after it still there.
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

interface Cell {
  source: string;
  tags: string[];
}
interface Notebook {
  cells: { cell_type: string; source: string[]; metadata: { tags?: string[] } }[];
}

async function smallCells(name: string): Promise<Cell[]> {
  const notebook = fs.readFileSync(path.join(projectRoot(), 'notebooks', `${name}.ipynb`), 'utf8');
  const code = (JSON.parse(notebook) as Notebook).cells.filter(({ cell_type: type }) => type === 'code');
  const cells = code.map(({ source, metadata }) => ({ source: source.join(''), tags: metadata.tags ?? [] }));
  for (const [place, instead] of (await smaller())[name]) {
    const cell = cells.find(({ source }) => source.includes(place));
    assert.ok(cell, `${place} is not in ${name}`);
    cell.source = cell.source.replace(place, () => instead);
  }
  return cells;
}

/** What a cell prints and shows. */
async function outputsOf(kernel: Client, source: string, when: string): Promise<string[]> {
  const { errors, messages, stdout } = await kernel.run(source);
  assert.deepEqual(errors, [], `${when}: ${source}`);
  const shown = messages.filter(({ type }) => type === 'display_data' || type === 'execute_result');
  return [stdout, ...shown.map(({ content }) => (content.data as { 'text/plain': string })['text/plain'])];
}

/** The model is another one after the training; the cell that makes it makes it anew. */
const asksTheModel = (source: string) => /\bmodel\.(?:loss|forward)\(/.test(source);

/** From the last cell to the first, so that none has what the one before it would have made anew. */
async function runBackwards(kernel: Client, cells: Cell[], before: string[][]): Promise<void> {
  for (const [at, { source, tags }] of [...cells.entries()].reverse()) {
    const outputs = await outputsOf(kernel, source, 'after all others');
    if (tags.includes('equal') && !asksTheModel(source)) assert.deepEqual(outputs, before[at], source);
  }
}

for (const [name, training] of [
  ['00-start-here', 'new Trainer'],
  ['01-tutorial', 'new AdamW'],
]) {
  test(`${name}: every cell runs twice, and those above the training in any order`, { timeout: 300_000 }, async () => {
    const kernel = await Client.start();
    try {
      const cells = await smallCells(name);
      const outputs: string[][] = [];
      for (const { source } of cells) {
        outputs.push(await outputsOf(kernel, source, 'the first time'));
        await outputsOf(kernel, source, 'the second time');
      }
      const end = cells.findIndex(({ source }) => source.includes(training));
      assert.ok(end > 0 && outputs.some((output) => output.length > 1));
      await runBackwards(kernel, cells.slice(0, end), outputs);
    } finally {
      await kernel.stop();
    }
  });
}
