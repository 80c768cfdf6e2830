// Exported models give our logits in ONNX Runtime: exactly in float32, nearly in half precision and in eight bits.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import fc from 'fast-check';
import { QuestionAnsweringModel } from '../../../src/model/question-answering';
import { parseConfig } from '../../../src/model/config';
import { exportOnnx } from '../../../src/publish/onnx/export';
import { decodeModel } from '../../../src/publish/onnx/messages';
import type { OnnxPrecision } from '../../../src/publish/onnx/numbers';
import { ONNX_FILES, writeOnnx } from '../../../src/publish/onnx/write';
import { startBackend } from '../../engine/backend';
import { TINY, TINY_FAMILIES } from '../../reference/tiny-families';
import { largestDifference, makeRows, ourLogits, theirLogits } from './session';

before(startBackend);

const open = (name: string) => QuestionAnsweringModel.fromPretrained(path.join(TINY, name));

/** In eight bits as a share of the largest logit; the largest seen was 0.081, with vectors of 12 numbers. */
const BOUNDS: Record<OnnxPrecision, number> = { fp32: 1e-4, fp16: 0.01, int8: 0.1 };

for (const name of TINY_FAMILIES) {
  describe(name, () => {
    for (const [precision, bound] of Object.entries(BOUNDS) as [OnnxPrecision, number][]) {
      test(`${precision}: our logits, for any number and length of rows`, async () => {
        const model = open(name);
        const bytes = await exportOnnx(model, precision);
        for (const [batch, sequence] of [
          [1, 1],
          [1, 16],
          [3, 14],
          [5, 7],
        ]) {
          const rows = makeRows(batch, sequence, model.config.vocabularySize);
          const ours = ourLogits(model, rows);
          const difference = largestDifference(await theirLogits(bytes, rows), ours);
          const unit = precision === 'int8' ? ours.reduce((most, logit) => Math.max(most, Math.abs(logit)), 1) : 1;
          assert.ok(difference < bound * unit, `${batch} rows of ${sequence}: ${difference} of ${unit}`);
        }
        model.dispose();
      });
    }
  });
}

test('inputs, outputs and their types', async () => {
  const shape = { dim: [{ dimParam: 'batch' }, { dimParam: 'sequence' }].map((dim) => ({ ...dim, dimValue: 0 })) };
  const value = (elemType: number) => (name: string) => ({ name, type: { tensorType: { elemType, shape } } });
  const inputs: Record<string, string[]> = {
    bert: ['input_ids', 'attention_mask', 'token_type_ids'],
    distilbert: ['input_ids', 'attention_mask'],
  };
  for (const [name, expected] of Object.entries(inputs)) {
    for (const precision of Object.keys(BOUNDS) as OnnxPrecision[]) {
      const { graph, opsetImport } = decodeModel(await exportOnnx(open(name), precision));
      assert.deepEqual(opsetImport, [{ domain: '', version: 17 }]);
      assert.deepEqual(plain(graph.input), expected.map(value(7)), 'int64');
      assert.deepEqual(plain(graph.output), ['start_logits', 'end_logits'].map(value(1)), 'float32');
    }
  }
});

/** Without what a decoder says of fields that are not there. */
function plain(values: unknown): unknown {
  return JSON.parse(JSON.stringify(values, (key, value: unknown) => (key === 'dimValue' ? Number(value) : value)));
}

test('every value is made once, before it is used; every node and tensor has a name of its own', async () => {
  for (const precision of Object.keys(BOUNDS) as OnnxPrecision[]) {
    const { graph } = decodeModel(await exportOnnx(open('bert'), precision));
    const known = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
    assert.equal(known.size, graph.input.length + graph.initializer.length);
    for (const node of graph.node) {
      for (const input of node.input) assert.ok(known.has(input), `${node.name} wants ${input}`);
      for (const output of node.output) {
        assert.ok(!known.has(output), `${output} is made twice`);
        known.add(output);
      }
    }
    for (const { name } of graph.output) assert.ok(known.has(name));
    assert.equal(new Set(graph.node.map(({ name }) => name)).size, graph.node.length);
  }
});

test('bytes of every tensor are as many as its shape and type say', async () => {
  const size: Record<number, number> = { 1: 4, 3: 1, 7: 8, 10: 2 };
  for (const precision of Object.keys(BOUNDS) as OnnxPrecision[]) {
    for (const { name, dims, dataType, rawData } of decodeModel(await exportOnnx(open('bert'), precision)).graph
      .initializer) {
      assert.equal(rawData.length, dims.reduce((a, b) => a * b, 1) * size[dataType], name);
    }
  }
});

test('weights have the names of Hugging Face’s files', async () => {
  const { graph } = decodeModel(await exportOnnx(open('bert')));
  const names = graph.initializer.map(({ name }) => name);
  assert.ok(names.includes('bert.embeddings.word_embeddings.weight'));
  assert.ok(names.includes('bert.encoder.layer.0.attention.self.query.weight.transposed'));
  assert.ok(names.includes('qa_outputs.bias'));
});

test('models of any size', async () => {
  const size = fc.record({
    layers: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 4 }),
    size: fc.integer({ min: 1, max: 5 }),
    wide: fc.integer({ min: 1, max: 9 }),
    seed: fc.integer({ min: 0, max: 1000 }),
    type: fc.constantFrom('bert', 'electra'),
  });
  const property = fc.asyncProperty(size, async ({ layers, heads, size: headSize, wide, seed, type }) => {
    const config = parseConfig({
      model_type: type,
      vocab_size: 30,
      hidden_size: heads * headSize * 2,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      intermediate_size: wide,
      max_position_embeddings: 12,
      initializer_range: 0.5,
    });
    const model = QuestionAnsweringModel.fromConfig(config, { seed });
    const rows = makeRows(2, 9, 30);
    const difference = largestDifference(await theirLogits(await exportOnnx(model), rows), ourLogits(model, rows));
    model.dispose();
    assert.ok(difference < 1e-4, String(difference));
  });
  await fc.assert(property, { numRuns: 15 });
});

test('the files are where transformers.js looks, and half and a quarter as large', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-onnx-'));
  const config = parseConfig({
    model_type: 'bert',
    vocab_size: 2000,
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 256,
    max_position_embeddings: 64,
  });
  const written = await writeOnnx(QuestionAnsweringModel.fromConfig(config), folder);
  assert.deepEqual(
    written.map(({ name }) => name),
    Object.values(ONNX_FILES),
  );
  for (const { name, bytes } of written) assert.equal(fs.statSync(path.join(folder, name)).size, bytes);
  const [fp32, fp16, int8] = written.map(({ bytes }) => bytes);
  assert.ok(fp16 / fp32 < 0.55 && int8 / fp32 < 0.35, `${fp16 / fp32}, ${int8 / fp32}`);
  assert.deepEqual(fs.readdirSync(path.join(folder, 'onnx')).length, 3);
  fs.rmSync(folder, { recursive: true });
});

test('a folder that cannot be written is named', async () => {
  const file = path.join(os.tmpdir(), `spanlab-onnx-${process.pid}`);
  fs.writeFileSync(file, '');
  await assert.rejects(writeOnnx(open('bert'), file), { code: /^E_FILE/, message: /onnx/ });
  fs.rmSync(file);
});
