// Damaged records of runs, sweeps, curves and models: each error names the file, the field and what to do, in plain words.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { commandOptions } from '../../src/cli/train-options';
import { readCurve } from '../../src/evaluation/curve-file';
import { readOptionsFile } from '../../src/training/options';
import { readOrigin } from '../../src/training/origin';
import { readResults } from '../../src/training/results';
import { readRunFile } from '../../src/training/run-file';
import { placeTrials, writeSweep } from '../../src/training/sweep-folder';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const start = { at: '2026-01-01T00:00:00Z', step: 0, host: 'h', pid: 1 };
const run = { format: 'spanlab-run-1', status: 'finished', starts: [start], options: {}, data: {} };
const point = { way: 'bare', size: 1, seed: 0, exact: 0, f1: 0, steps: 1, seconds: 1 };

const KINDS: [name: string, code: string, read: (folder: string) => unknown, fields: [content: object, field: string][]][] = [
  ['run.json', 'E_RUN', readRunFile, [
    [{ ...run, format: 'spanlab-run-9' }, 'format'], [{ ...run, status: 'resting' }, 'status'], [{ ...run, starts: [] }, 'starts'],
    [{ ...run, starts: 'once' }, 'starts'], [{ ...run, starts: [{ ...start, pid: 'x' }] }, 'starts.0.pid'], [{ ...run, options: null }, 'options'],
  ]],
  ['origin.json', 'E_RUN', readOrigin, [[{ losses: ['x'] }, 'losses.0'], [{ options: 3 }, 'options']]],
  ['eval_results.json', 'E_RUN', readResults, [[{ after: 3 }, 'after'], [{ evaluated: { data: 'x', sha256: 4, weights: 'z' } }, 'evaluated.sha256']]],
  ['curve.json', 'E_CURVE', (at) => readCurve(at, {}), [
    [{ format: 'x', settings: {}, points: [] }, 'format'], [{ format: 'spanlab-curve-1', settings: {}, points: [{ ...point, f1: 'x' }] }, 'points.0.f1'],
  ]],
  ['sweep.json', 'E_SWEEP', (at) => writeSweep(at, placeTrials(at, [])), [[{ trials: 'x' }, 'trials'], [{ trials: [{ name: 3, options: {} }] }, 'trials.0.name']]],
  ['options.json', 'E_TRAIN_OPTION', (at) => readOptionsFile(path.join(at, 'options.json')), []],
]; // prettier-ignore

for (const [name, code, read, fields] of KINDS) {
  describe(name, () => {
    const refused = (content: string, field?: string) => {
      const file = path.join(fs.mkdtempSync(path.join(folder, 'x-')), name);
      fs.writeFileSync(file, content);
      assert.throws(() => read(path.dirname(file)), (error: Error & { code: string }) => {
        assert.equal(error.code, code, error.message);
        assert.ok(error.message.startsWith(`${file}: `), error.message);
        const said = error.message.slice(file.length + 2);
        assert.match(said, /^[^;]+; (?:bring|delete|evaluate|correct|write)/);
        if (field !== undefined) assert.match(said, new RegExp(`^not [^(]+ \\("${field.replaceAll('.', '\\.')}" is `));
        assert.doesNotMatch(said, /undefined|Object|properties|not a function|Invalid/);
        return true;
      }); // prettier-ignore
    };
    test('no JSON, or no object', () => ['', '{"a"', 'null', '3', '[]', '"x"'].forEach((text) => refused(text))); // prettier-ignore
    for (const [content, field] of fields) test(`${field} of another kind: ${JSON.stringify(content).slice(0, 60)}`, () => refused(JSON.stringify(content), field)); // prettier-ignore
  });
}

test('options of the run that goes on: the message names their file', () => {
  const out = fs.mkdtempSync(path.join(folder, 'run-'));
  const file = path.join(out, 'options.json');
  fs.writeFileSync(file, JSON.stringify({ model: 'm', train: 't', epochs: 'three' }));
  assert.throws(() => commandOptions({ out, resume: 'latest' }), {
    code: 'E_TRAIN_OPTION',
    message: `${file}: epochs is "three"; it takes number`,
  });
});
