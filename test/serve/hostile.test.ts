// Model folders of strangers behind a live server: a tokenizer's pattern cannot end it, nor hold it for ever.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { RemoteEngine } from '../../src/serve/remote-engine';
import { serveEngine } from '../../src/serve/server';
import { smallModel } from '../cli/small-model';
import { post, TASK } from './server';

async function hostileModel(Regex: string): Promise<string> {
  const folder = await smallModel();
  const file = path.join(folder, 'tokenizer.json');
  const json = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  json.pre_tokenizer = { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false };
  fs.writeFileSync(file, JSON.stringify(json));
  fs.writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 512, cls_token: '[CLS]', sep_token: '[SEP]', pad_token: '[PAD]', unk_token: '[UNK]' })); // prettier-ignore
  return folder;
}

test('a pattern that takes for ever on any text: the server does not begin', async () => {
  await assert.rejects(RemoteEngine.start(await hostileModel('(a+)+$')), { code: 'E_TOKENIZER_PATTERN' });
});

test('a pattern that takes for ever on a long text: that request is refused, and the server answers the next', async () => {
  const engine = await RemoteEngine.start(await hostileModel('a*a*b'));
  const server = await serveEngine(engine, { port: 0 });
  try {
    const { pid } = engine;
    const refused = await post(server.url, { ...TASK, context: `${'a'.repeat(100_000)}!` });
    assert.deepEqual([refused.status, refused.body.error?.code], [400, 'E_TOKENIZER_LIMIT']);
    assert.equal((await post(server.url, TASK)).status, 200);
    assert.equal(engine.pid, pid, 'the process with the model was not lost');
  } finally {
    await server.close();
    await engine.close();
  }
});
