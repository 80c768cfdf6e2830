// What the environment says about the Hugging Face hub, read as Python's huggingface_hub does (constants.py of 2.4).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DownloadError } from './errors';

const TRUE = new Set(['1', 'ON', 'YES', 'TRUE']);

/** The hub's address, or that of the mirror in `HF_ENDPOINT`. */
export function hubEndpoint(): string {
  return (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
}

/** Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` forbids the network. */
export function isOffline(): boolean {
  return TRUE.has((process.env.HF_HUB_OFFLINE || process.env.TRANSFORMERS_OFFLINE || '').toUpperCase());
}

/** Everything of Hugging Face on this machine: `HF_HOME`. */
function hubHome(): string {
  const { env } = process;
  return expand(env.HF_HOME ?? path.join(env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'huggingface'));
}

/** The cache that all programs share: `HF_HUB_CACHE`, formerly `HUGGINGFACE_HUB_CACHE`. */
export function hubCache(): string {
  return expand(process.env.HF_HUB_CACHE ?? process.env.HUGGINGFACE_HUB_CACHE ?? path.join(hubHome(), 'hub'));
}

/** Who asks: `HF_TOKEN`, or the token that `hf auth login` left in `HF_TOKEN_PATH`. @throws DownloadError `E_DOWNLOAD_AUTH` */
export function hubHeaders(): Record<string, string> {
  const file = expand(process.env.HF_TOKEN_PATH ?? path.join(hubHome(), 'token'));
  const given = process.env.HF_TOKEN || process.env.HUGGING_FACE_HUB_TOKEN;
  const token = (given || (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')).replace(/[\r\n]/g, '').trim();
  if (/^[\x21-\x7e]*$/.test(token)) return token ? { authorization: `Bearer ${token}` } : {};
  const place = given ? 'HF_TOKEN' : file;
  throw new DownloadError('E_DOWNLOAD_AUTH', `${place}: no token has such characters; copy it from the hub again`);
}

const expand = (folder: string) => folder.replace(/^~(?=$|[/\\])/, os.homedir());
