// Whether a model's folder tells that it has learned to say "no answer".
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { knowsNoAnswer } from '../../src/training/no-answer';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-none-'));
after(() => fs.rmSync(folder, { recursive: true }));

const CONFIG = { model_type: 'bert', vocab_size: 100, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 1, intermediate_size: 8, max_position_embeddings: 16 }; // prettier-ignore
const results = (metrics: object) => JSON.stringify(metrics);

const CASES: [what: string, config: object, results: string | undefined, expected: boolean][] = [
  ['nothing is known', {}, undefined, false],
  ['a threshold is stored', { null_score_diff_threshold: -1.5 }, undefined, true],
  ['it finds most of them', {}, results({ after: { NoAns_total: 55, NoAns_f1: 67.3 } }), true],
  ['it finds few of them', {}, results({ NoAns_total: 55, NoAns_f1: 10 }), false],
  ['there were none of them', {}, results({ total: 10, f1: 90 }), false],
  ['the results are damaged', {}, '{"after', false],
];

for (const [what, more, content, expected] of CASES) {
  test(what, () => {
    fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...CONFIG, ...more }));
    const file = path.join(folder, 'eval_results.json');
    fs.rmSync(file, { force: true });
    if (content !== undefined) fs.writeFileSync(file, content);
    assert.equal(knowsNoAnswer(folder), expected);
  });
}
