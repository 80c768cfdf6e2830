// The exported files beside the model that they came from: all its answers in float32, nearly all with less.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { env } from '@xenova/transformers';
import { evaluate } from '../../src/evaluation/evaluate';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { type ExportMeasurement, compareExports } from '../../src/publish/compare';
import { ONNX_FILES, writeOnnx } from '../../src/publish/onnx/write';
import { exportsPlot, exportsTable } from '../../src/show/exports';
import { readSquadRecords } from '../../src/squad/read';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { decidedModel, removeModel } from './small-model';

const DEV = path.resolve(__dirname, '..', '..', 'data', 'workshop', 'dev.json');
const records = readSquadRecords(DEV, { answers: 'honest' }).filter(({ isImpossible }) => !isImpossible).slice(0, 24); // prettier-ignore

let [folder, model, tokenizer] = [] as unknown as [string, QuestionAnsweringModel, Tokenizer];
let measured: ExportMeasurement[];
before(async () => {
  folder = await decidedModel();
  [model, tokenizer] = [QuestionAnsweringModel.fromPretrained(folder), await Tokenizer.fromFolder(folder)];
  await writeOnnx(model, folder);
  measured = await compareExports(folder, model, tokenizer, records, { maxLength: 256 });
});
after(() => removeModel(folder));

test('float32 has the model’s answers and its marks', async () => {
  const { metrics } = await evaluate(model, tokenizer, records, { maxLength: 256 });
  const [fp32] = measured;
  assert.deepEqual([fp32.precision, fp32.same], ['fp32', 100]);
  assert.deepEqual([fp32.exact, fp32.f1], [metrics.exact, metrics.f1]);
});

test('half precision and eight bits: other sizes, mostly the same answers', () => {
  const [, fp16, int8] = measured;
  assert.ok(fp16.same > 90 && int8.same > 50, `${fp16.same}, ${int8.same}`);
  for (const { precision, bytes, questionsPerSecond } of measured) {
    assert.equal(bytes, fs.statSync(path.join(folder, ONNX_FILES[precision])).size);
    assert.ok(questionsPerSecond > 0);
  }
});

test('the settings of transformers.js are as before', async () => {
  [env.allowRemoteModels, env.localModelPath] = [true, 'somewhere'];
  fs.rmSync(path.join(folder, ONNX_FILES.fp32));
  await assert.rejects(compareExports(folder, model, tokenizer, records.slice(0, 1)));
  assert.deepEqual([env.allowRemoteModels, env.localModelPath], [true, 'somewhere']);
});

test('a table and a plot of them', () => {
  const each = { bytes: 2_340_000, questionsPerSecond: 12.34, exact: 30, f1: 40.06, same: 99.5 };
  const rows = [{ ...each, precision: 'fp32' as const }, { ...each, precision: 'int8' as const, bytes: 1e6 }];
  assert.deepEqual(exportsTable(rows).values, [
    ['fp32', 2.3, 12.3, 30, 40.1, 99.5],
    ['int8', 1, 12.3, 30, 40.1, 99.5],
  ]);
  const { data, layout } = exportsPlot(rows);
  assert.deepEqual(data.map(({ x }) => x), [[2.34, 1], [12.34, 12.34], [40.06, 40.06]]);
  assert.match((layout.meta as { alt: string }).alt, /fp32 2\.3, 12\.3, 40\.1; int8 1\.0/);
}); // prettier-ignore
