// The notebooks where no kernel and no JupyterLab is: as web pages made by nbconvert, every plot and table is there, and links lead on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { projectRoot } from '../../src/root';
import { jupyterProgram } from '../../src/setup/jupyter';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nbconvert-'));
after(() => fs.rmSync(folder, { recursive: true }));

interface Saved {
  cells: { outputs?: { data?: Record<string, unknown>; metadata?: Record<string, { alt: string }> }[] }[];
}

// the template `classic` writes the words of pictures; `lab`, nbconvert's default, has no place for them
for (const template of ['classic', 'lab']) {
  test(`nbconvert --to html --template ${template}: all plots as pictures, all tables as tables`, () => {
    const notebook = path.join(projectRoot(), 'notebooks', '02-explore-data.ipynb');
    const options = ['--to', 'html', '--template', template, '--output-dir', folder, notebook];
    const { status, stderr } = spawnSync(jupyterProgram('jupyter'), ['nbconvert', ...options], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const page = fs.readFileSync(path.join(folder, '02-explore-data.html'), 'utf8');
    const { cells } = JSON.parse(fs.readFileSync(notebook, 'utf8')) as Saved;
    const outputs = cells.flatMap(({ outputs = [] }) => outputs);
    const plots = outputs.filter(({ data }) => data && 'application/vnd.plotly.v1+json' in data);
    const tables = outputs.filter(({ data }) => data && 'application/vnd.spanlab.table+json' in data);
    assert.ok(plots.length > 5 && tables.length > 10);
    const pictures = page.match(/<img[^>]*src="data:image\/png;base64,[^>]*>/g) ?? [];
    assert.equal(pictures.length, plots.length);
    for (const picture of pictures) assert.match(picture, /width="?760\b/);
    assert.ok((page.match(/<table/g) ?? []).length >= tables.length);
    if (template !== 'classic') return;
    for (const { metadata } of plots) assert.ok(page.includes(`alt="${metadata!['image/png'].alt}"`));
  });
}

test('nbconvert --to html: every link inside 01 leads somewhere, and every picture is in the page', () => {
  const notebook = path.join(projectRoot(), 'notebooks', '01-tutorial.ipynb');
  const options = ['nbconvert', '--to', 'html', '--output-dir', folder, notebook];
  const { status, stderr } = spawnSync(jupyterProgram('jupyter'), options, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const page = fs.readFileSync(path.join(folder, '01-tutorial.html'), 'utf8');
  const links = [...page.matchAll(/<a href="#(section-[^"]+)"/g)].map(([, id]) => id);
  assert.equal(links.length, 12);
  for (const id of links) assert.ok(page.includes(` id="${id}"`), id);
  const pictures = [...page.matchAll(/<img\b[^>]*>/g)].map(([picture]) => picture);
  assert.equal(pictures.filter((picture) => picture.includes('alt="A row of thirteen tokens')).length, 1);
  for (const picture of pictures) assert.match(picture, /src="data:image\/png;base64,[\w+/=]{1000}/);
});
