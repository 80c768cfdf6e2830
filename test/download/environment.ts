// The environment of a test of the hub: a cache of its own, and nothing of the machine's.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const NAMES = [
  ...['HF_HOME', 'HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'XDG_CACHE_HOME', 'HF_ENDPOINT', 'HF_TOKEN', 'HF_TOKEN_PATH'],
  ...['HUGGING_FACE_HUB_TOKEN', 'HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE', 'SPANLAB_MIRROR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
];

/** Sets the environment to `values` with a new `HF_HOME`, and returns the folder of the cache. */
export function freshCache(values: Record<string, string> = {}): string {
  process.env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NAMES.includes(name)));
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-hub-'));
  Object.assign(process.env, { HF_HOME: home, ...values });
  return path.join(home, 'hub');
}
