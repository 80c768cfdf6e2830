// One file of the Hugging Face hub, through the shared cache.
import fs from 'node:fs';
import { toFileError } from '../errors';
import { shown } from './address';
import { request } from './connection';
import { DownloadError } from './errors';
import { type FetchOptions, fetchFile } from './file';
import type { Expected } from './hash';
import type { Answer } from './http';
import { HubCache } from './hub-cache';
import { hubCache, hubHeaders, isOffline } from './hub-environment';
import { type Repository, hubUrl } from './hub-repository';
import { retry } from './retry';
import { checkStatus } from './status';

export type HubOptions = Pick<FetchOptions, 'onProgress' | 'signal' | 'backoff'>;

/** What the hub says about a file before it gives it. */
interface Metadata {
  commit: string;
  etag: string;
}

/** A file in the cache. */
export interface HubFile {
  path: string;
  commit: string;
}

/**
 * Asks the hub for a file of a branch as it is now, fetches it unless the cache has it, and checks it against the hub's own hash.
 * A file of a commit that is in the cache is not asked for. When the hub cannot be reached, what the branch was last serves.
 *
 * @throws DownloadError `E_DOWNLOAD_OFFLINE` and others; FileError; the signal's reason
 * @example await fetchHubFile({ kind: 'model', name: 'distilbert-base-uncased', revision: 'main' }, 'config.json')
 */
export async function fetchHubFile(repository: Repository, file: string, options: HubOptions = {}): Promise<HubFile> {
  const cache = new HubCache(repository);
  const commit = cache.commit();
  const known = commit === undefined ? undefined : cache.find(file, commit);
  if (known && (commit === repository.revision || isOffline())) return { path: known, commit: commit! };
  if (isOffline()) {
    const advice = 'is not on this machine and HF_HUB_OFFLINE is set; unset it once';
    throw new DownloadError('E_DOWNLOAD_OFFLINE', `${repository.name}: ${file} ${advice}`);
  }
  try {
    const metadata = await askHub(repository, file, cache, { ...options, tries: known ? 1 : undefined });
    return await fetchBlob(repository, file, cache, metadata, options);
  } catch (error) {
    const unreachable = ['E_DOWNLOAD_NETWORK', 'E_DOWNLOAD_BUSY'].includes((error as DownloadError).code);
    if (known && unreachable) return { path: known, commit: commit! };
    throw toFileError(error, hubCache());
  }
}

/** Commit and tag stand on the hub's own answer, or on its redirect to the host that keeps large files. */
async function askHub(
  repository: Repository,
  file: string,
  cache: HubCache,
  { signal, backoff, tries }: HubOptions & { tries?: number },
): Promise<Metadata> {
  const url = hubUrl(repository, file);
  const follow = (from: URL, to: URL, { headers }: Answer) =>
    from.origin === to.origin || !headers.has('x-repo-commit');
  const ask = async () => {
    const response = await request(url, { method: 'HEAD', headers: hubHeaders(), signal, follow });
    response.body.destroy();
    if (response.status >= 400) noteMissing(response, file, cache);
    if (response.status < 300 || response.status >= 400) checkStatus(url, response);
    return response;
  };
  const metadata = readMetadata(url, await retry(url, ask, { signal, backoff, tries }));
  cache.rememberCommit(metadata.commit);
  return metadata;
}

/** Remembers that the commit lacks the file, so that nobody asks again. */
function noteMissing({ headers }: Answer, file: string, cache: HubCache): void {
  const commit = headers.get('x-repo-commit');
  if (headers.get('x-error-code') !== 'EntryNotFound' || !isName(commit)) return;
  cache.rememberCommit(commit);
  cache.rememberMissing(file, commit);
}

function readMetadata(url: string, { headers }: Answer): Metadata {
  const commit = headers.get('x-repo-commit');
  const etag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '');
  if (isName(commit) && isName(etag)) return { commit, etag };
  const advice = 'no such hub answers there; check HF_ENDPOINT and the proxy';
  throw new DownloadError('E_DOWNLOAD', `${shown(url)}: the answer names no commit and no tag of the file; ${advice}`);
}

/** Names of files in the cache come from the network: none may lead out of it. */
const isName = (text: string | null): text is string => /^\w[\w.-]*$/.test(text ?? '');

async function fetchBlob(
  repository: Repository,
  file: string,
  cache: HubCache,
  { commit, etag }: Metadata,
  options: HubOptions,
): Promise<HubFile> {
  const there = cache.find(file, commit);
  if (there) return { path: there, commit };
  const url = hubUrl({ ...repository, revision: commit }, file); // the branch may move on meanwhile
  const blob = cache.blob(etag);
  if (!fs.existsSync(blob)) {
    const headers = hubHeaders();
    await fetchFile(url, blob, { ...options, ...promised(etag), headers, lock: cache.lock(etag) });
  }
  return { path: cache.link(file, commit, etag), commit };
}

/** The hub's tag of a large file is its SHA-256, of any other git's SHA-1; mirrors may have tags of their own. */
function promised(etag: string): Expected {
  if (/^[0-9a-f]{64}$/.test(etag)) return { sha256: etag };
  return /^[0-9a-f]{40}$/.test(etag) ? { gitSha1: etag } : {};
}
