// The rhythm of the notebooks: prose before code, short cells, clean files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import { projectRoot } from '../../src/root';

interface Cell {
  cell_type: 'code' | 'markdown';
  source: string | string[];
  outputs?: unknown[];
}
const folder = path.join(projectRoot(), 'notebooks');
const text = (cell: Cell) => [cell.source].flat().join('');
const words = (cell: Cell) => text(cell).split(/\s+/).filter(Boolean).length;

for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.ipynb'))) {
  describe(name, () => {
    const notebook = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as {
      cells: Cell[];
      metadata: { kernelspec: { name: string } };
    };
    const { cells } = notebook;
    const code = cells.filter((cell) => cell.cell_type === 'code');

    test('opens with prose, runs on our kernel, ends with a summary and exercises', () => {
      assert.equal(notebook.metadata.kernelspec.name, 'tslab');
      assert.match(text(cells[0]), /^# /);
      assert.match(text(cells.at(-1)!), /## Summary[\s\S]*Exercises/);
    });

    test('at most two code cells in a row, none over 25 lines', () => {
      cells.forEach((cell, i) => {
        if (cell.cell_type !== 'code') return;
        const run = [cells[i - 1], cells[i - 2]].filter((before) => before?.cell_type === 'code').length;
        assert.ok(run < 2, `cell ${i} is the third of its run`);
        assert.ok(text(cell).split('\n').length <= 25, `cell ${i} is too long`);
      });
    });

    test('between 5 and 15 words of prose to a line of code', () => {
      const lines = code.reduce((sum, cell) => sum + text(cell).split('\n').filter(Boolean).length, 0);
      const prose = cells.filter((cell) => cell.cell_type === 'markdown').reduce((sum, cell) => sum + words(cell), 0);
      assert.ok(prose / lines >= 5 && prose / lines <= 15, `${(prose / lines).toFixed(1)} words a line`);
    });
  });
}
