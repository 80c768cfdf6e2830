// Every notebook of the course in the browser, all cells, on a small encoder and a part of the data: what runs, and what says in
// one sentence that it cannot.
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Site, codeCells, errorsOf, MINUTE, openNotebook, openSite, runCell } from './opened';

const FOLDER = path.resolve(__dirname, '..', '..', 'notebooks');
/** So many questions are enough to train on. */
const QUESTIONS = 60;

/** What cannot run in a tab: the beginnings of cells, by notebook, and what they fail with. Cells that use their values fail, too. */
const CANNOT: Record<string, [cell: RegExp, error: RegExp][]> = {
  '04-training-in-depth': [
    [/measureTraining\(encoder, sample, ways/, /E_BROWSER: ways of training are measured in processes/],
    [/speedTable\(measured,/, /Cannot find name 'measured'/],
    [/^speedPlot\(measured\)/, /Cannot find name/],
    // the cell above it, which imports what this one uses, has failed
    [/measureTraining\(encoder, sample, settings/, /Cannot find name 'speedTable'/],
  ],
  '07-publish': [
    [/compareExports/, /E_BROWSER: transformers\.js/],
    [/exportsTable\(measured\)/, /Cannot find name 'measured'/],
    [/^exportsPlot\(measured\)/, /Cannot find name/],
    [/from '@xenova\/transformers'/, /E_BROWSER: @xenova\/transformers is not part of this site/],
  ],
};

let site: Site;

before(async () => {
  site = await openSite({ change: takeFewQuestions });
});

after(() => site?.close());

interface Data {
  data: { paragraphs: { qas: unknown[] }[] }[];
}

function takeFewQuestions(folder: string): void {
  const file = path.join(folder, 'files', 'data', 'workshop', 'tutorial-train.json');
  const content = JSON.parse(fs.readFileSync(file, 'utf8')) as Data;
  let left = QUESTIONS;
  content.data = content.data.filter((article) => {
    article.paragraphs = article.paragraphs.filter(({ qas }) => (left -= qas.length) + qas.length > 0);
    return article.paragraphs.length > 0;
  });
  fs.writeFileSync(file, JSON.stringify(content));
}

const names = fs.readdirSync(FOLDER).filter((name) => /^\d\d-.*\.ipynb$/.test(name));
for (const name of names.map((name) => path.parse(name).name).sort()) {
  test(name, { timeout: 8 * MINUTE }, async () => {
    const page = await openNotebook(site, `notebooks/${name}.ipynb`);
    const left = [...(CANNOT[name] ?? [])];
    for (const place of await codeCells(page)) {
      const ran = await runCell(page, place);
      const errors = errorsOf(ran);
      const known = left.findIndex(([cell]) => cell.test(ran.source));
      if (known < 0) assert.deepEqual(errors, [], ran.source);
      else assert.match(errors.join(), left.splice(known, 1)[0][1], ran.source);
    }
    assert.deepEqual(left, [], 'every cell that cannot run was met');
    assert.deepEqual(site.strangers, []);
    await page.close();
  });
}
