// Links that were in a folder before: nothing is written through them, and what they lead to is not published.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { savePretrained } from '../../src/model/save';
import { refuseLinks } from '../../src/publish/links';
import { writeOnnx } from '../../src/publish/onnx/write';
import { writeWebPage } from '../../src/publish/web';
import { finishReplacing } from '../../src/staged-folder';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { spanlab } from '../cli/run';
import { decidedModel, removeModel } from './small-model';

let [folder, elsewhere] = ['', ''];
let model: QuestionAnsweringModel;
before(async () => {
  folder = await decidedModel();
  elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-elsewhere-'));
  model = QuestionAnsweringModel.fromPretrained(folder);
});
after(() => {
  model.dispose();
  removeModel(folder);
});

/** Puts a link in the place of a part of the model, and what was there back afterwards. */
async function linked(name: string, target: string, work: () => Promise<void>): Promise<void> {
  const [place, aside] = [path.join(folder, name), path.join(elsewhere, 'aside')];
  const isThere = fs.existsSync(place);
  if (isThere) fs.renameSync(place, aside);
  fs.symlinkSync(target, place);
  try {
    await work();
  } finally {
    fs.rmSync(place);
    if (isThere) fs.renameSync(aside, place);
  }
}

test('ONNX files do not go through a link, whether it leads to something or to nothing', async () => {
  const target = path.join(elsewhere, 'target');
  for (const prepare of [() => undefined, () => fs.mkdirSync(target)]) {
    prepare();
    await linked('onnx', target, async () => {
      const refused = { code: 'E_PUBLISH_LINK', message: /^onnx: is a link to \S+target, outside of / };
      await assert.rejects(writeOnnx(model, folder), refused);
      const { code, stderr } = await spanlab(['publish', '--model', folder, '--onnx']);
      assert.deepEqual([code, /error: E_PUBLISH_LINK: onnx: /.test(stderr)], [1, true], stderr);
    });
  }
  assert.deepEqual(fs.readdirSync(target), []);
});

test('a page is not made of weights or words that lie elsewhere', async () => {
  for (const name of ['model.safetensors', 'tokenizer.json', 'config.json']) {
    const out = path.join(elsewhere, `page of ${name}`);
    await linked(name, path.join(elsewhere, 'aside'), async () => {
      await assert.rejects(writeWebPage(model, folder, out, { name: 'x' }), { code: 'E_PUBLISH_LINK' });
      const { code, stderr } = await spanlab(['publish', '--model', folder, '--web', out]);
      assert.deepEqual([code, stderr.includes(`E_PUBLISH_LINK: ${name}: is a link`)], [1, true], stderr);
    });
    assert.ok(!fs.existsSync(out));
  }
});

test('other links of a folder, links within it and a folder that is itself called by a link are nobody’s harm', async () => {
  const link = path.join(elsewhere, 'by another name');
  fs.symlinkSync(folder, link);
  await linked('checkpoint-9', elsewhere, async () => {
    await linked('LICENSE', 'config.json', () => Promise.resolve(refuseLinks(link)));
  });
});

test('a page is begun without writing through the link that has the name of its mark', async () => {
  const [out, file] = [path.join(elsewhere, 'page'), path.join(elsewhere, 'precious')];
  fs.mkdirSync(out);
  fs.writeFileSync(file, 'precious');
  fs.symlinkSync(file, path.join(out, '.spanlab-page'));
  await writeWebPage(model, folder, out, { name: 'x' });
  assert.equal(fs.readFileSync(file, 'utf8'), 'precious');
});

test('a tokenizer and a model are saved over links, and what they led to stays', async () => {
  const place = path.join(elsewhere, 'saved');
  fs.mkdirSync(place);
  const names = ['tokenizer.json', 'vocab.txt', 'config.json', 'model.safetensors'];
  for (const name of names) {
    fs.writeFileSync(path.join(elsewhere, name), 'precious');
    fs.symlinkSync(path.join('..', name), path.join(place, name));
  }
  const tokenizer = await Tokenizer.fromFolder(folder);
  await tokenizer.save(place);
  await savePretrained(model, tokenizer, place);
  for (const name of names) assert.equal(fs.readFileSync(path.join(elsewhere, name), 'utf8'), 'precious', name);
});

test('a link with the name of a complete set is none: what it leads to is not taken', () => {
  const [place, kept] = ['place', 'kept'].map((name) => path.join(elsewhere, name));
  for (const one of [place, kept]) fs.mkdirSync(one);
  fs.writeFileSync(path.join(kept, 'notes'), 'precious');
  fs.symlinkSync(kept, path.join(place, '.saved'));
  finishReplacing(place);
  assert.deepEqual([fs.readdirSync(kept), fs.readdirSync(place)], [['notes'], ['.saved']]);
});
