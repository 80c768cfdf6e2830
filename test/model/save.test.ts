// A saved folder loads again with the same weights, and nothing is lost when it cannot be written.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureRoom, ensureWritable, saveOrRescue, savePretrained } from '../../src/model/save';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';

const TINY = path.join(__dirname, '..', 'reference', 'tiny');
const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));

before(startBackend);

for (const name of ['bert', 'distilbert']) {
  test(`${name}: saved and loaded, every weight is the same`, async () => {
    const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, name));
    const tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
    const folder = path.join(temporary(), 'deep', 'model');
    await savePretrained(model, tokenizer, folder);
    const again = QuestionAnsweringModel.fromPretrained(folder);
    assert.deepEqual(again.report, { missing: [], unexpected: [] });
    for (const weight of model.parameters.names) {
      assert.deepEqual(again.parameters.get(weight).dataSync(), model.parameters.get(weight).dataSync());
    }
    const config = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(config.architectures, [`${name === 'bert' ? 'Bert' : 'DistilBert'}ForQuestionAnswering`]);
    assert.equal(config.model_type, name);
    const files = ['config.json', 'model.safetensors', 'special_tokens_map.json', 'tokenizer.json'];
    for (const file of [...files, 'tokenizer_config.json', 'vocab.txt']) {
      assert.ok(fs.existsSync(path.join(folder, file)), file);
    }
    const text = await (await Tokenizer.fromFolder(folder)).encode('Who won?', 'Ada won.');
    assert.deepEqual(text.inputIds, (await tokenizer.encode('Who won?', 'Ada won.')).inputIds);
  });
}

test('a model saved over shards leaves none of them', async () => {
  const folder = temporary();
  fs.cpSync(path.join(TINY, '..', 'saved', 'bert-sharded'), folder, { recursive: true });
  const model = QuestionAnsweringModel.fromPretrained(folder);
  await savePretrained(model, await Tokenizer.fromFolder(await ensureWorkshopEncoder()), folder);
  const weights = fs.readdirSync(folder).filter((name) => name.includes('safetensors'));
  assert.deepEqual(weights, ['model.safetensors']);
  assert.deepEqual(QuestionAnsweringModel.fromPretrained(folder).report.missing, []);
});

test('a folder that cannot be made is found out beforehand', () => {
  const file = path.join(temporary(), 'file');
  fs.writeFileSync(file, '');
  assert.throws(() => ensureWritable(path.join(file, 'model')), { code: /E_FILE/ });
});

test('a disk too full for the model is found out before training', (context) => {
  const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, 'bert'));
  const folder = temporary();
  ensureRoom(model, folder);
  context.mock.method(fs, 'statfsSync', () => ({ bavail: 1, bsize: 4096 }));
  assert.throws(() => ensureRoom(model, folder), { code: 'E_DISK_FULL', message: /needs 1 MB and 1 MB are free/ });
});

test('when saving fails in the end, the model is kept in another place that the error names', async () => {
  const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, 'bert'));
  const tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
  const file = path.join(temporary(), 'file');
  fs.writeFileSync(file, '');
  const error = await saveOrRescue(model, tokenizer, path.join(file, 'model')).catch((thrown: Error) => thrown);
  const rescued = /the trained model is in (.*)$/.exec((error as Error).message)?.[1];
  assert.ok(rescued, String(error));
  assert.deepEqual(QuestionAnsweringModel.fromPretrained(rescued).report.missing, []);
  fs.rmSync(rescued, { recursive: true });
});
