// A save that dies at any moment leaves the old model or the new one, never parts of both.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { savePretrained } from '../../src/model/save';
import { finishReplacing, replaceTogether } from '../../src/staged-folder';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';
import { breakFileSystem, countChanges } from '../training/broken-disk';

const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-save-'));
const KILLS = Number(process.env.SPANLAB_KILLS ?? 4);

before(startBackend);

/** A tiny model; `layers` sets its configuration apart, `seed` its weights. */
function tiny(layers: number, seed: number): QuestionAnsweringModel {
  const sizes = { hidden_size: 8, num_attention_heads: 2, intermediate_size: 8, max_position_embeddings: 16 };
  const config = { model_type: 'bert', vocab_size: 20, num_hidden_layers: layers, ...sizes };
  return QuestionAnsweringModel.fromConfig(parseConfig(config), { seed });
}

/** A tokenizer that says whose it is. */
function namedTokenizer(name: string): Tokenizer {
  const save = (folder: string) => fs.promises.writeFile(path.join(folder, 'vocab.txt'), name);
  return { save } as unknown as Tokenizer;
}

/** Which of two models a folder holds, by every one of its files. */
function holds(folder: string, models: Record<string, QuestionAnsweringModel>): string {
  const found = QuestionAnsweringModel.fromPretrained(folder);
  const tokenizer = fs.readFileSync(path.join(folder, 'vocab.txt'), 'utf8');
  assert.deepEqual(found.report, { missing: [], unexpected: [] });
  const [name] = Object.keys(models).filter((each) => isSame(found, models[each]));
  found.dispose();
  assert.ok(name, 'the weights are those of one model');
  assert.equal(tokenizer, models.old.config.layers === models.new.config.layers ? 'same' : name);
  return name;
}

function isSame(a: QuestionAnsweringModel, b: QuestionAnsweringModel): boolean {
  if (a.config.layers !== b.config.layers) return false;
  return a.parameters.names.every(
    (name) => String(a.parameters.get(name).dataSync()) === String(b.parameters.get(name).dataSync()),
  );
}

for (const [title, layers, names] of [
  ['other weights', [1, 1], ['same', 'same']],
  ['another architecture', [1, 2], ['old', 'new']],
] as [string, number[], string[]][]) {
  for (const kind of ['kill', 'full disk'] as const) {
    test(`${title}, a ${kind} at each change`, async (context) => {
      const models = { old: tiny(layers[0], 1), new: tiny(layers[1], 2) };
      const [oldTokenizer, newTokenizer] = names.map(namedTokenizer);
      const prepare = async () => {
        const folder = temporary();
        await savePretrained(models.old, oldTokenizer, folder);
        fs.writeFileSync(path.join(folder, 'eval_results.json'), '{}');
        return folder;
      };
      const first = await prepare();
      const count = await countChanges(context, () => savePretrained(models.new, newTokenizer, first));
      assert.ok(count > 20);
      const seen = { old: 0, new: 0 };
      for (let point = 0; point < count; point++) {
        const folder = await prepare();
        const mend = breakFileSystem(context, point, kind);
        const failure = await savePretrained(models.new, newTokenizer, folder).then(
          () => null,
          (error: Error) => error,
        );
        mend();
        const name = holds(folder, models) as 'old' | 'new';
        seen[name]++;
        if (!failure) assert.equal(name, 'new', `point ${point}`);
        // the next save goes through, and leaves nothing of the broken one
        await savePretrained(models.new, newTokenizer, folder);
        assert.equal(holds(folder, models), 'new');
        const files = ['config.json', 'eval_results.json', 'model.safetensors', 'vocab.txt'];
        const rest = fs.readdirSync(folder).filter((file) => !file.startsWith('.saving-'));
        assert.deepEqual(rest.sort(), files, `point ${point}`);
        fs.rmSync(folder, { recursive: true });
      }
      assert.ok(seen.old > 5 && seen.new >= 1, JSON.stringify(seen));
    });
  }
}

// SPANLAB_KILLS=50 for the long run
test(`a process killed while it saves, ${KILLS} times`, { timeout: 600_000 }, async () => {
  const [folder, source] = [temporary(), temporary()];
  const tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
  const models = [tiny(1, 1), tiny(2, 2)];
  await savePretrained(models[1], tokenizer, source);
  const save = (...point: string[]) => {
    const script = path.join(__dirname, 'save-killed.ts');
    return spawnSync(process.execPath, ['--import', 'tsx', script, source, folder, ...point], { encoding: 'utf8' });
  };
  await savePretrained(models[0], tokenizer, folder);
  const count = Number(save().stdout);
  assert.ok(count > 20);
  for (let kill = 0; kill < KILLS; kill++) {
    await savePretrained(models[0], tokenizer, folder);
    const { signal } = save(String(Math.floor((count * kill) / KILLS)));
    assert.equal(signal, 'SIGKILL');
    const found = QuestionAnsweringModel.fromPretrained(folder);
    assert.ok(models.some((model) => isSame(found, model)));
    assert.deepEqual((await Tokenizer.fromFolder(folder)).vocabSize, tokenizer.vocabSize);
    found.dispose();
  }
  await savePretrained(models[0], tokenizer, folder);
  assert.deepEqual(
    fs.readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
  );
});

test('a reader ends a replacement that was interrupted after it was complete, as often as it is asked', () => {
  const folder = temporary();
  const put = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  };
  for (const name of ['config.json', 'vocab.txt', 'notes.txt']) put(name, 'old');
  for (const name of ['.saved/config.json', '.saved/vocab.txt']) put(name, 'new');
  for (let time = 0; time < 2; time++) {
    finishReplacing(folder);
    const texts = fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]);
    assert.deepEqual(Object.fromEntries(texts), { 'config.json': 'new', 'vocab.txt': 'new', 'notes.txt': 'old' });
  }
  // interrupted once more, after the last file was moved
  fs.mkdirSync(path.join(folder, '.saved'));
  finishReplacing(folder);
  assert.equal(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'), 'new');
  fs.rmSync(folder, { recursive: true });
});

test('two processes that end the same replacement do not take each other’s files', { timeout: 60_000 }, async () => {
  const script = `
    const { finishReplacing } = require(${JSON.stringify(path.resolve(__dirname, '..', '..', 'src', 'staged-folder'))});
    while (Date.now() < Number(process.argv[2])) {}
    finishReplacing(process.argv[1]);`;
  for (let round = 0; round < 3; round++) {
    const folder = temporary();
    fs.mkdirSync(path.join(folder, '.saved'));
    for (const name of ['config.json', 'vocab.txt']) {
      fs.writeFileSync(path.join(folder, name), 'old');
      fs.writeFileSync(path.join(folder, '.saved', name), 'new');
    }
    // a process that died while it moved them
    fs.symlinkSync('999999999', path.join(folder, '.saved', '.owner'));
    const start = String(Date.now() + 1500);
    const run = () => {
      const child = spawn(process.execPath, ['--import', 'tsx', '--eval', script, folder, start], { stdio: 'inherit' });
      return new Promise((resolve) => child.on('exit', resolve));
    };
    assert.deepEqual(await Promise.all([run(), run(), run()]), [0, 0, 0]);
    assert.deepEqual(fs.readdirSync(folder).sort(), ['config.json', 'vocab.txt']);
    assert.equal(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'), 'new');
    fs.rmSync(folder, { recursive: true });
  }
});

test('a number that another process has by now does not hold a replacement up; one that is at it does, for a while', { timeout: 60_000 }, () => {
  const folder = temporary();
  const owner = path.join(folder, '.saved', '.owner');
  const begin = (link: string) => {
    fs.mkdirSync(path.join(folder, '.saved'));
    fs.writeFileSync(path.join(folder, '.saved', 'config.json'), 'new');
    fs.symlinkSync(link, owner);
  };
  const other = spawn('sleep', ['60']);
  if (fs.existsSync('/proc/self/stat')) {
    // alive, and started at another time
    for (const link of ['1', '1-7', `${other.pid}-7`]) {
      begin(link);
      finishReplacing(folder);
      assert.deepEqual(fs.readdirSync(folder), ['config.json'], link);
    }
  }
  const stat = fs.existsSync('/proc/self/stat') && fs.readFileSync(`/proc/${other.pid}/stat`, 'utf8');
  begin(stat ? `${other.pid}-${stat.split(') ')[1].split(' ')[19]}` : String(other.pid));
  assert.throws(() => finishReplacing(folder), { code: 'E_FILE_BUSY', message: /\.owner: another process \(\d+/ });
  other.kill();
  fs.rmSync(owner);
  finishReplacing(folder);
  assert.deepEqual(fs.readdirSync(folder), ['config.json']);
}); // prettier-ignore

test('what fails while the files are made changes nothing', async () => {
  const folder = temporary();
  fs.writeFileSync(path.join(folder, 'config.json'), 'old');
  const fail = async (stage: string) => {
    fs.writeFileSync(path.join(stage, 'config.json'), 'new');
    await Promise.reject(new Error('no'));
  };
  await assert.rejects(replaceTogether(folder, fail), /no/);
  assert.deepEqual(fs.readdirSync(folder), ['config.json']);
  assert.equal(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'), 'old');
});
