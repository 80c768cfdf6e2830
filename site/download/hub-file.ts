// One file of the Hugging Face hub, in a browser: it may read what the hub lists, but not every header of its answers.
import fs from 'node:fs';
import path from 'node:path';
import { DownloadError } from '../../src/download/errors';
import { HubCache } from '../../src/download/hub-cache';
import { hubEndpoint, hubHeaders } from '../../src/download/hub-environment';
import type { HubFile, HubOptions } from '../../src/download/hub-file';
import { type Repository, hubUrl } from '../../src/download/hub-repository';
import { ask, fetchChecked } from './checked';

export type { HubFile, HubOptions };

/** What the hub says about a revision. */
interface Listing {
  sha: string;
  siblings: { rfilename: string; blobId?: string; lfs?: { sha256: string } }[];
}

/** Of the commits that this worker has asked for. */
const listings = new Map<string, Listing>();

/**
 * Fetches a file of a revision as it is now, checked against the hub's own hash, from the browser's cache where it is there.
 *
 * @throws DownloadError `E_DOWNLOAD_MISSING` and others; the signal's reason
 */
export async function fetchHubFile(repository: Repository, file: string, options: HubOptions = {}): Promise<HubFile> {
  const listing = await list(repository, options);
  const pinned = { ...repository, revision: listing.sha };
  const cache = new HubCache(repository);
  cache.rememberCommit(listing.sha);
  const place = path.join(cache.snapshot(listing.sha), file);
  const entry = listing.siblings.find(({ rfilename }) => rfilename === file);
  if (!entry) {
    cache.rememberMissing(file, listing.sha);
    throw new DownloadError('E_DOWNLOAD_MISSING', `${repository.name} has no ${file}`);
  }
  if (!fs.existsSync(place)) {
    const expected = entry.lfs ? { sha256: entry.lfs.sha256 } : { gitSha1: entry.blobId };
    const { signal, onProgress } = options;
    const headers = hubHeaders();
    const bytes = await fetchChecked(hubUrl(pinned, file), { ...expected, headers, signal, onProgress });
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, bytes);
  }
  return { path: place, commit: listing.sha };
}

/** All files of a revision, with their hashes. */
async function list({ kind, name, revision }: Repository, { signal }: HubOptions): Promise<Listing> {
  const known = listings.get(`${kind} ${name} ${revision}`);
  if (known) return known;
  const address = `${hubEndpoint()}/api/${kind}s/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const listing = (await (await ask(address, { headers: hubHeaders(), signal })).json()) as Listing;
  if (!/^[0-9a-f]{40}$/.test(listing.sha) || !Array.isArray(listing.siblings)) {
    throw new DownloadError('E_DOWNLOAD', `${address}: no such hub answers there; check HF_ENDPOINT`);
  }
  // a branch may move on; a commit stays as it is
  listings.set(`${kind} ${name} ${listing.sha}`, listing);
  return listing;
}
