// What commands say of a model before its answers: shorter windows, no trained head.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sayOfModel } from '../../src/cli/model-notes';
import type { QuestionAnsweringModel } from '../../src/model/question-answering';

function said(missing: string[], unexpected: string[], maxLength: number): string {
  const model = { config: { maxPositions: 128, layers: 1 }, report: { missing, unexpected } };
  const { write } = process.stderr;
  let text = '';
  process.stderr.write = ((part: string) => ((text += part), true)) as typeof write;
  try {
    sayOfModel(model as unknown as QuestionAnsweringModel, { maxLength });
  } finally {
    process.stderr.write = write;
  }
  return text;
}

test('of a model that is as it should be nothing is said', () => {
  assert.equal(said([], ['bert.pooler.dense.weight', 'bert.encoder.layer.0.extra.weight'], 128), '');
});

test('each thing that changes the answers is a line', () => {
  const lines = said(['qa_outputs.weight', 'qa_outputs.bias'], [], 384).split('\n');
  assert.match(lines[0], /^windows have 128 tokens, not 384/);
  assert.match(lines[1], /^warning: this model has no head .* chance; train it first$/);
});
