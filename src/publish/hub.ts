// A model folder pushed to a repository of the Hugging Face hub.
import { pathToFileURL } from 'node:url';
import {
  type CommitOutput,
  type CommitProgressEvent,
  commitIter,
  createRepo,
  HubApiError,
  modelInfo,
} from '@huggingface/hub';
import { shown } from '../download/address';
import { fetchOnce } from '../download/fetch';
import { hubEndpoint, hubHeaders, isOffline } from '../download/hub-environment';
import { PublishError } from './errors';
import { brokenConnection, explainHub, refusedFile } from './hub-errors';
import { type ModelFile, modelFiles } from './hub-files';

export interface PushOptions {
  /** Only its owner may see the repository. */
  private?: boolean;
  /** Told what is done with which file; `progress` from 0 to 1. */
  onProgress?: (state: 'hashing' | 'uploading', file: string, progress: number) => void;
  signal?: AbortSignal;
}

export interface Pushed {
  url: string;
  commit: string;
  /** Whether the repository was made. */
  created: boolean;
  files: Record<string, number>;
}

/** Where and as whom. */
interface Target {
  repo: { type: 'model'; name: string };
  hubUrl: string;
  accessToken: string;
  fetch: typeof fetch;
}

/**
 * Pushes the files of a model as one commit; large ones go to the hub's storage first, and only those that it lacks. The
 * repository is made when there is none. The token is `HF_TOKEN`, or the one that `hf auth login` left.
 *
 * @throws PublishError `E_PUBLISH_TOKEN`, `_NAME`, `_OFFLINE`, `_AUTH`, `_DENIED`, `_MISSING`, `_CONFLICT`, `_BUSY`, `_VISIBLE`,
 * `_UPLOAD`, `_NETWORK`, `_HUB`, `_MODEL`; FileError; the signal's reason
 * @example await pushModel('models/mine', 'somebody/mine', { private: true })
 */
export async function pushModel(folder: string, name: string, options: PushOptions = {}): Promise<Pushed> {
  checkName(name);
  const files = modelFiles(folder);
  const target: Target = { repo: { type: 'model', name }, ...credentials(), fetch: hubFetch(options.signal) };
  try {
    const created = await ensureRepository(target, options.private === true);
    const { commit } = await send(target, files, options);
    const sizes = Object.fromEntries(files.map((file) => [file.name, file.bytes]));
    return { url: shown(`${target.hubUrl}/${name}`), commit: commit.oid, created, files: sizes };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explainHub(error, name);
  }
}

/** @throws PublishError `E_PUBLISH_NAME` for a name that the hub would not take */
export function checkName(name: string): void {
  if (/^[A-Za-z\d][\w.-]{0,95}\/[A-Za-z\d_][\w.-]{0,95}$/.test(name) && !/--|\.\.|\.git$/.test(name)) return;
  throw new PublishError('E_PUBLISH_NAME', `${name}: not a name of the hub; write owner/name`);
}

/** As whom the hub is asked. @throws PublishError `E_PUBLISH_TOKEN`, `E_PUBLISH_OFFLINE` */
export function credentials(): Pick<Target, 'hubUrl' | 'accessToken'> {
  if (isOffline()) throw new PublishError('E_PUBLISH_OFFLINE', 'HF_HUB_OFFLINE forbids the network; unset it');
  const accessToken = (hubHeaders().authorization ?? '').replace('Bearer ', '');
  if (accessToken.startsWith('hf_')) return { hubUrl: hubEndpoint(), accessToken };
  const problem = accessToken ? 'the token does not begin with hf_' : 'no token';
  const advice = 'make one with the right to write at the hub under settings, access tokens, and set HF_TOKEN';
  throw new PublishError('E_PUBLISH_TOKEN', `${problem}; ${advice}`);
}

/** Through the proxies of the environment; what fails names the file or the host. */
function hubFetch(signal?: AbortSignal): typeof fetch {
  return async (address, init) => {
    const url = new URL(address as string);
    const { path: file } = (init as { progressHint?: { path?: string } }).progressHint ?? {};
    const response = await fetchOnce(url, { ...init, signal: init?.signal ?? signal }).catch((error: Error) => {
      throw error.name === 'AbortError' ? error : brokenConnection(url, error);
    });
    if (file !== undefined && !response.ok) throw refusedFile(file, response.status);
    return response;
  };
}

/**
 * Makes the repository unless it is there; what shall be private must not go to one that all can see. A token that may write one
 * repository and make none is refused (403) where it is there, too.
 */
async function ensureRepository(target: Target, isPrivate: boolean): Promise<boolean> {
  try {
    await createRepo({ ...target, visibility: isPrivate ? 'private' : undefined });
    return true;
  } catch (error) {
    if (!(error instanceof HubApiError) || ![403, 409].includes(error.statusCode)) throw error;
    if (error.statusCode === 403 && !(await isThere(target))) throw error;
  }
  const { name } = target.repo;
  if (isPrivate && !(await modelInfo({ ...target, name })).private) {
    const advice = 'make it private in its settings, choose another name, or leave --private out';
    throw new PublishError('E_PUBLISH_VISIBLE', `${name}: the repository is there already and public; ${advice}`);
  }
  return false;
}

async function isThere(target: Target): Promise<boolean> {
  return modelInfo({ ...target, name: target.repo.name }).then(
    () => true,
    () => false,
  );
}

async function send(target: Target, files: ModelFile[], { onProgress, signal }: PushOptions): Promise<CommitOutput> {
  const operations = files.map(({ name, file }) => {
    return { operation: 'addOrUpdate' as const, path: name, content: pathToFileURL(file) };
  });
  // the storage of Git LFS, which every mirror knows too, instead of Xet
  const work = commitIter({ ...target, title: 'Model published by spanlab', operations, abortSignal: signal, useXet: false }); // prettier-ignore
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value as CommitOutput;
    const event = value as CommitProgressEvent;
    if (event.event === 'fileProgress' && event.state !== 'error') {
      onProgress?.(event.state, event.path, event.progress);
    }
  }
}
