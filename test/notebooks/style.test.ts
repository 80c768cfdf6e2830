// The rhythm of the notebooks: prose before code, short cells, what the reader will get; and clean files.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import ts from 'typescript';
import { projectRoot } from '../../src/root';
import { jupyterProgram } from '../../src/setup/jupyter';

interface Output {
  output_type: string;
  data?: Record<string, unknown>;
  metadata?: Record<string, { width: number; alt: string }>;
}
interface Plot {
  data: { mode?: string; cliponaxis?: boolean }[];
  layout: { meta?: { alt?: string } };
}
interface Cell {
  cell_type: 'code' | 'markdown';
  source: string | string[];
  outputs?: Output[];
  attachments?: Record<string, Record<string, string>>;
  metadata: { tags?: string[] };
}

const COURSE = path.join(projectRoot(), 'notebooks');
const SOLUTIONS = path.join(COURSE, 'solutions');
const namesIn = (folder: string) =>
  fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.ipynb'))
    .sort();
const text = (cell: Cell) => [cell.source].flat().join('');
const words = (cell: Cell) => text(cell).split(/\s+/).filter(Boolean).length;

function read(folder: string, name: string): { raw: string; cells: Cell[]; kernel: string } {
  const raw = fs.readFileSync(path.join(folder, name), 'utf8');
  const notebook = JSON.parse(raw) as { cells: Cell[]; metadata: { kernelspec: { name: string } } };
  return { raw, cells: notebook.cells, kernel: notebook.metadata.kernelspec.name };
}

/** How many lines each function of a cell has, and how it begins. */
function functionsOf(code: string): [lines: number, head: string][] {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const found: [number, string][] = [];
  const visit = (node: ts.Node): void => {
    const isFunction = ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
    if (isFunction) found.push([lineOf(node.end) - lineOf(node.getStart()) + 1, node.getText().slice(0, 60)]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('the course is complete, and every notebook has solutions', () => {
  const numbers = namesIn(COURSE).map((name) => name.slice(0, 2));
  assert.deepEqual(numbers, ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09']);
  assert.deepEqual(namesIn(SOLUTIONS), namesIn(COURSE));
});

test('notebooks and their texts say the same', () => {
  const script = path.join(projectRoot(), 'kernel', 'course.py');
  const { status, stdout, stderr } = spawnSync(jupyterProgram('python'), [script, 'pair'], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});

for (const folder of [COURSE, SOLUTIONS]) {
  for (const name of namesIn(folder)) {
    describe(path.relative(projectRoot(), path.join(folder, name)), () => {
      const { raw, cells, kernel } = read(folder, name);
      const code = cells.filter((cell) => cell.cell_type === 'code');
      const prose = cells.filter((cell) => cell.cell_type === 'markdown').map(text);

      test('opens with prose, runs on our kernel, ends with a summary', () => {
        assert.equal(kernel, 'tslab');
        assert.match(text(cells[0]), /^# /);
        assert.match(text(cells.at(-1)!), /## Summary/);
      });

      test('its first cell leads on: to the contents, and in the course to its neighbours', () => {
        const links = [
          ...text(cells[0])
            .split('\n')[2]
            .matchAll(/\]\(([^)]+)\)/g),
        ].map(([, target]) => target);
        const isCourse = folder === COURSE;
        assert.ok(links.includes(isCourse ? 'README.md' : '../README.md'), links.join());
        const at = namesIn(folder).indexOf(name);
        const neighbours = isCourse ? namesIn(folder).filter((_, i) => Math.abs(i - at) === 1) : [`../${name}`];
        for (const neighbour of neighbours) assert.ok(links.includes(neighbour), neighbour);
      });

      test('no line of code is wider than a page', () => {
        for (const line of code.flatMap((cell) => text(cell).split('\n'))) {
          assert.ok(line.length <= 100, `${line.length} characters: ${line}`);
        }
      });

      test('at most two code cells in a row, none over 25 lines', () => {
        cells.forEach((cell, i) => {
          if (cell.cell_type !== 'code') return;
          const run = [cells[i - 1], cells[i - 2]].filter((before) => before?.cell_type === 'code').length;
          assert.ok(run < 2, `cell ${i} is the third of its run`);
          assert.ok(text(cell).split('\n').length <= 25, `cell ${i} is too long`);
        });
      });

      test('sections are numbered in order', () => {
        const sections = prose.flatMap((part) => part.match(/^## .*$/gm) ?? []).slice(0, -1);
        sections.forEach((section, i) => assert.ok(section.startsWith(`## ${i + 1} · `), section));
        assert.ok(sections.length > 0);
      });

      test('pictures are in the notebook itself, and say what they show', () => {
        for (const cell of cells.filter(({ cell_type: type }) => type === 'markdown')) {
          assert.doesNotMatch(text(cell), /<img/, 'a picture by a path: a page made elsewhere would lack it');
          for (const [, label, target] of text(cell).matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)) {
            assert.ok(label.trim().length > 10, `a picture without words: ${target}`);
            assert.match(target, /^attachment:/, 'a picture by a path: a page made elsewhere would lack it');
            const bytes = cell.attachments?.[target.slice('attachment:'.length)]['image/png'];
            assert.ok(
              Buffer.from(bytes ?? '', 'base64')
                .toString('latin1')
                .startsWith('\x89PNG'),
              target,
            );
          }
        }
      });

      test('links lead to files that are there', () => {
        for (const [, target] of prose.join('\n').matchAll(/(?<!!)\[[^\]]*\]\(([^)]+)\)/g)) {
          if (/^https?:/.test(target)) continue;
          // an anchor of our own: JupyterLab 4.6 follows no link to a heading, and each viewer makes other ids of headings
          if (target.startsWith('#'))
            assert.match(prose.join('\n'), new RegExp(`^<a id="${target.slice(1)}"></a>$`, 'm'));
          else assert.ok(fs.existsSync(path.join(folder, target.split('#')[0])), target);
        }
      });

      test('executed without an error; every plot has a picture and words; no place of this machine', () => {
        const outputs = code.flatMap((cell) => cell.outputs ?? []);
        assert.ok(outputs.length > 0, 'it was not built: npm run notebooks:build');
        for (const { output_type: type, data = {}, metadata = {} } of outputs) {
          assert.notEqual(type, 'error');
          if (!('application/vnd.plotly.v1+json' in data)) continue;
          assert.ok('image/png' in data, 'a plot without a still picture');
          const still = metadata['image/png'];
          assert.ok(still.width <= 800 && still.alt.length > 30, 'a picture that does not fit, or without words');
          const { layout, data: traces } = data['application/vnd.plotly.v1+json'] as Plot;
          assert.ok((layout.meta?.alt ?? '').length > 30, 'a plot without words');
          const named = traces.filter(({ mode }) => mode?.includes('text'));
          assert.ok(
            named.every(({ cliponaxis }) => cliponaxis === false),
            'names of points are cut off at the edge',
          );
        }
        for (const place of [projectRoot(), os.homedir()]) {
          assert.ok(place === '/' || !raw.includes(`${place}/`), `it names ${place}`);
        }
        assert.ok(raw.length < 4e6, `${Math.round(raw.length / 1e6)} MB`);
      });
    });
  }
}

for (const name of namesIn(COURSE)) {
  describe(name, () => {
    const { cells } = read(COURSE, name);

    test('says what the reader will be able to do, how long it takes, and what it needs', () => {
      const opening = text(cells[0]);
      for (const part of ['You will be able to', 'Time', 'Needs']) assert.ok(opening.includes(`**${part}**`), part);
    });

    test('ends with exercises and where their solutions are', () => {
      const end = text(cells.at(-1)!);
      assert.match(end, /## Summary[\s\S]*\*\*Exercises\*\*\n\n1\. [\s\S]*\n3\. /);
      assert.ok(end.includes(`(solutions/${name})`));
    });

    test('asks what a cell will give, with the answer folded below it', () => {
      const folded = cells.flatMap((cell, i) => (text(cell).includes('<details><summary>') ? [i] : []));
      assert.ok(folded.length >= (/^0[24578]/.test(name) ? 2 : 1), `${folded.length} folded answers`);
      for (const at of folded) assert.equal(cells[at - 1].cell_type, 'code', text(cells[at]).slice(0, 60));
    });

    test('between 5 and 16 words of prose to a line of code', () => {
      const code = cells.filter((cell) => cell.cell_type === 'code');
      const lines = code.reduce((sum, cell) => sum + text(cell).split('\n').filter(Boolean).length, 0);
      const prose = cells.filter((cell) => cell.cell_type === 'markdown').reduce((sum, cell) => sum + words(cell), 0);
      assert.ok(prose / lines >= 5 && prose / lines <= 16, `${(prose / lines).toFixed(1)} words a line`);
    });
  });
}

/** Minutes that a notebook's opening names. */
const minutes = (name: string) => Number(/\*\*Time\*\* (\d+) minutes?/.exec(text(read(COURSE, name).cells[0]))?.[1]);

test('the first notebook and TEACHING.md tell the times that the notebooks tell', () => {
  const contents = fs.readFileSync(path.join(COURSE, 'README.md'), 'utf8');
  const table = text(read(COURSE, '00-start-here.ipynb').cells.at(-1)!);
  const teaching = fs.readFileSync(path.join(projectRoot(), 'TEACHING.md'), 'utf8');
  for (const file of namesIn(COURSE)) {
    const [name, told] = [path.parse(file).name, minutes(file)];
    assert.ok(told > 0 && told <= 5, name);
    assert.match(contents, new RegExp(`\\(${name}\\.ipynb\\) \\|[^|]*\\| ${told} \\|`));
    if (name !== '00-start-here') assert.match(table, new RegExp(`\\(${name}\\.ipynb\\) \\|[^|]*\\| ${told} \\|`));
    const measured = Number(new RegExp(`\\| \`${name}\` \\| ([\\d.]+) \\|`).exec(teaching)?.[1]);
    assert.ok(measured > 0 && measured <= told, `${name}: ${measured} measured, ${told} told`);
  }
});

/** The names that cells make, and those that their imports bring. */
const declared = (source: string) => [
  ...[...source.matchAll(/^(?:const|let|async function|function|class) (\w+)/gm)].map(([, name]) => name),
  ...[...source.matchAll(/^(?:import|const|let) (?:type )?[{[]([^}\]]*)[}\]]/gm)].flatMap(([, names]) => names.split(/[\s,]+/)),
]; // prettier-ignore
const codeOf = (cells: Cell[]) => cells.filter((cell) => cell.cell_type === 'code').map((cell) => text(cell));
const heading = (cells: Cell[], number: number) => cells.findIndex((cell) => text(cell).includes(`## ${number} · `));

/** No name that `skipped` makes is used in `later`, unless that makes it again. */
function assertSkippable(skipped: Cell[], later: Cell[]): void {
  const rest = codeOf(later).join('\n');
  const again = new Set(declared(rest));
  const used = rest.replace(/^import .*$/gm, '');
  for (const name of codeOf(skipped).flatMap(declared).filter(Boolean)) {
    const isUsed = new RegExp(`(?<![.\\w'])${name}\\b(?!:|')`).test(used);
    assert.ok(again.has(name) || !isUsed, `${name} is made in a cell that people skip`);
  }
}

// TEACHING.md: whoever missed the training goes on with the saved model
test('nothing after the training of the tutorial needs a cell of the training or of the first save', () => {
  const { cells } = read(COURSE, '01-tutorial.ipynb');
  const resume = cells.findIndex((cell) => text(cell).startsWith('Everything from here on uses the model'));
  assert.match(text(cells[heading(cells, 9)]), /training loop/);
  assert.ok(heading(cells, 9) < heading(cells, 10) && heading(cells, 10) < resume);
  assertSkippable(cells.slice(heading(cells, 9), resume), cells.slice(resume));
});

// that its second part needs no cell of the first is checked by the compiler: notebooks/typecheck.ts takes each as a module
test('04 has two parts, each with exercises of its own', () => {
  const { cells } = read(COURSE, '04-training-in-depth.ipynb');
  const second = cells.findIndex((cell) => text(cell).includes('# Part two: '));
  assert.ok(heading(cells, 8) < second && second < heading(cells, 9));
  const exercises = cells.flatMap((cell, i) => (/^\*\*Exercises/m.test(text(cell)) ? [i] : []));
  assert.deepEqual(exercises, [second - 1, cells.length - 1], 'each part has its own');
});

test('every step of the lesson has code in the section that TEACHING.md names', () => {
  const { cells } = read(COURSE, '01-tutorial.ipynb');
  const teaching = fs.readFileSync(path.join(projectRoot(), 'TEACHING.md'), 'utf8');
  const rows = [...teaching.matchAll(/^\| \d+:\d\d \| (.*?) \| (\d+|opening) \| (.*) \|$/gm)];
  assert.equal(rows.length, 28);
  for (const [, step, section, words] of rows) {
    const first = section === 'opening' ? 0 : heading(cells, Number(section));
    const next = section === 'opening' ? heading(cells, 1) : heading(cells, Number(section) + 1);
    const code = codeOf(cells.slice(first, next > 0 ? next : undefined)).join('\n');
    for (const [, word] of words.matchAll(/`([^`]+)`/g)) {
      assert.ok(code.includes(word), `${step}: section ${section} has no ${word}`);
    }
  }
});

/** As the video's page lists them, with the words for PyTorch that its captions misheard. */
const CHAPTERS = {
  '1:04': 'Download our data',
  '1:09': 'SQuAD data set',
  '6:40': 'Data prep',
  '28:53': 'Initialize our tokenizer',
  '41:10': 'Create a PyTorch dataset object',
  '47:56': 'Initialize the optimizer',
  '48:33': 'Initializing the model',
  '50:03': 'Initialize our data loader',
  '51:22': 'Training loop',
  '58:24': 'While loop',
  '61:03': 'Create a data loader',
  '65:15': 'Check for an exact match',
  '66:31': 'Calculate the accuracy',
  '67:47': 'Accuracy',
  '68:31': 'Exact match accuracy',
};

test('01 names every chapter of the lesson with its minute, and nothing else as one; each row leads to its section', () => {
  const { cells } = read(COURSE, '01-tutorial.ipynb');
  const rows = [...text(cells[0]).matchAll(/^\| (\d[\d:, ]*) \| (.*) \| \[(\d+) · (.*)\]\(#section-(\d+)\) \|$/gm)];
  const told = rows.flatMap(([, , happens]) => [...happens.matchAll(/\*([^*]+)\*/g)].map(([, chapter]) => chapter));
  assert.deepEqual([...told].sort(), Object.values(CHAPTERS).sort());
  for (const [minute, chapter] of Object.entries(CHAPTERS)) {
    const row = rows.find(([, minutes]) => minutes.split(', ').includes(minute));
    assert.ok(row?.[2].includes(`*${chapter}*`), `${minute} ${chapter}`);
  }
  for (const [, , , number, title, section] of rows) {
    assert.equal(section, number);
    assert.ok(text(cells[heading(cells, Number(number))]).includes(`## ${number} · ${title}\n`), title);
  }
});

test('the glossary has 25 words, each once and in order', () => {
  const glossary = fs.readFileSync(path.join(COURSE, 'glossary.md'), 'utf8');
  const words = [...glossary.matchAll(/^\| \*\*`?\[?([\w -]+)/gm)].map(([, word]) => word.toLowerCase());
  assert.equal(words.length, 25);
  assert.deepEqual(
    words,
    [...new Set(words)].sort((a, b) => a.localeCompare(b, 'en')),
  );
});

test('the lesson’s functions have at most 15 lines', () => {
  const code = read(COURSE, '01-tutorial.ipynb').cells.filter((cell) => cell.cell_type === 'code');
  const functions = code.flatMap((cell) => functionsOf(text(cell)));
  assert.ok(functions.length > 20);
  for (const [length, head] of functions) assert.ok(length <= 15, `${length} lines: ${head}`);
});
