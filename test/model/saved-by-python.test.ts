// Folders as Python's save_pretrained writes them: half precision, bfloat16, shards; and what is wrong with damaged ones.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { startBackend } from '../engine/backend';
import { TINY_FAMILIES } from '../reference/tiny-families';

const SAVED = path.join(__dirname, '..', 'reference', 'saved');

interface Expected {
  inputIds: number[][];
  attentionMask: number[][];
  startLogits: number[][];
  endLogits: number[][];
}

before(startBackend);

// transformers 5.23.0, torch 2.15.0 (test/reference/saved.py)
for (const architecture of TINY_FAMILIES) {
  // shards of torch.save, as older versions wrote them, one of them in torch's old form
  for (const kind of ['float16', 'bfloat16', 'sharded', ...(architecture === 'bert' ? ['bin'] : [])]) {
    test(`${architecture}, ${kind}: Python's logits`, () => {
      const folder = path.join(SAVED, `${architecture}-${kind}`);
      const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
      const model = QuestionAnsweringModel.fromPretrained(folder);
      assert.deepEqual(model.report, { missing: [], unexpected: [] });
      const { startLogits, endLogits } = tf.tidy(() => {
        const inputIds = tf.tensor2d(expected.inputIds, undefined, 'int32');
        const outputs = model.forward({ inputIds, attentionMask: tf.tensor2d(expected.attentionMask) });
        return { startLogits: outputs.startLogits.arraySync(), endLogits: outputs.endLogits.arraySync() };
      });
      for (const [ours, theirs] of [
        [startLogits, expected.startLogits],
        [endLogits, expected.endLogits],
      ]) {
        theirs.forEach((row, i) =>
          row.forEach((value, token) => {
            if (expected.attentionMask[i][token] === 0) return;
            assert.ok(Math.abs(value - ours[i][token]) < 1e-5, `row ${i}, token ${token}: ${value}, ${ours[i][token]}`);
          }),
        );
      }
      model.dispose();
    });
  }
}

describe('damaged folders', () => {
  const INDEX = 'model.safetensors.index.json';
  const copy = () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-saved-'));
    fs.cpSync(path.join(SAVED, 'bert-sharded'), folder, { recursive: true });
    return folder;
  };
  const shardsOf = (folder: string) => fs.readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  const editIndex = (folder: string, edit: (map: Record<string, string>) => unknown) => {
    const { weight_map: map } = JSON.parse(fs.readFileSync(path.join(folder, INDEX), 'utf8')) as {
      weight_map: Record<string, string>;
    };
    fs.writeFileSync(path.join(folder, INDEX), JSON.stringify({ weight_map: edit(map) }));
  };
  const cases: [title: string, damage: (folder: string) => void, code: string, message: RegExp][] = [
    [
      'a shard is missing',
      (folder) => fs.rmSync(path.join(folder, shardsOf(folder)[0])),
      'E_FILE_MISSING',
      /model-00001-of-\d+\.safetensors: no such file, though model\.safetensors\.index\.json names it; fetch what is missing/,
    ],
    [
      'all shards but the first are missing',
      (folder) => {
        for (const name of shardsOf(folder).slice(1)) fs.rmSync(path.join(folder, name));
      },
      'E_FILE_MISSING',
      /model-00002-of-00003\.safetensors: no such file, though .* names it \(and 1 more\)/,
    ],
    [
      'the index is missing',
      (folder) => fs.rmSync(path.join(folder, INDEX)),
      'E_FILE_MISSING',
      /model\.safetensors\.index\.json: no such file, though model-00001-of-00003\.safetensors is here, whose tensors/,
    ],
    [
      'a shard lacks a tensor of the index',
      (folder) => editIndex(folder, (map) => ({ ...map, 'bert.extra': shardsOf(folder)[0] })),
      'E_MODEL_WEIGHTS',
      /no tensor "bert\.extra", which model\.safetensors\.index\.json promises/,
    ],
    [
      'the index leads out of the folder',
      (folder) => editIndex(folder, (map) => ({ ...map, 'qa_outputs.bias': '../../secret.safetensors' })),
      'E_MODEL_WEIGHTS',
      /weight_map\."qa_outputs\.bias" is "\.\.\/\.\.\/secret\.safetensors"/,
    ],
    ['the index has no map', (folder) => editIndex(folder, () => [1]), 'E_MODEL_WEIGHTS', /no weight_map/],
    [
      'the index is no JSON',
      (folder) => fs.writeFileSync(path.join(folder, INDEX), '{"a'),
      'E_MODEL_WEIGHTS',
      /not valid JSON/,
    ],
    [
      'a shard is cut',
      (folder) => fs.truncateSync(path.join(folder, shardsOf(folder)[0]), 2000),
      'E_SAFETENSORS_TRUNCATED',
      /fetch it again/,
    ],
    [
      'weights of another framework',
      (folder) => {
        for (const name of [INDEX, ...shardsOf(folder)]) fs.rmSync(path.join(folder, name));
        fs.writeFileSync(path.join(folder, 'tf_model.h5'), '');
      },
      'E_FILE_MISSING',
      /only tf_model\.h5 is here; save it in Python/,
    ],
  ];
  for (const [title, damage, code, message] of cases) {
    test(title, () => {
      const folder = copy();
      damage(folder);
      assert.throws(() => QuestionAnsweringModel.fromPretrained(folder), { code, message });
      fs.rmSync(folder, { recursive: true });
    });
  }
});
