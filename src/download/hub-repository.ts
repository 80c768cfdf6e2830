// How people name a repository of the Hugging Face hub, and where its files are on the web.
import { DownloadError } from './errors';
import { hubEndpoint } from './hub-environment';

export interface Repository {
  kind: 'model' | 'dataset';
  /** `owner/name`, or one of the hub's old short names such as `distilbert-base-uncased`. */
  name: string;
  /** A branch, a tag or a commit. */
  revision: string;
}

const NAME = /^(?:[\w-][\w.-]*\/)?[\w-][\w.-]*$/;
const REVISION = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

/**
 * Reads `owner/name`, `owner/name@revision`, and the same after `datasets/`; in what follows the revision's `@`, a slash is
 * written `%2F`. Nothing where it cannot be a name.
 *
 * @example parseRepository('datasets/rajpurkar/squad@main')
 */
export function parseRepository(text: string): Repository | undefined {
  const [, prefix, name, revision = 'main'] = /^(datasets\/)?([^@]+)(?:@(.+))?$/.exec(text) ?? [];
  const decoded = revision.replaceAll(/%2f/gi, '/');
  if (!NAME.test(name ?? '') || name.includes('--') || !REVISION.test(decoded)) return undefined;
  return { kind: prefix ? 'dataset' : 'model', name, revision: decoded };
}

/**
 * Reads `owner/name[@revision][/file]`; the file of a short name needs a revision before it.
 *
 * @throws DownloadError `E_DOWNLOAD_NAME`
 * @example parseHubAddress('owner/name@main/folder/config.json').file // 'folder/config.json'
 */
export function parseHubAddress(text: string): { repository: Repository; file?: string } {
  const parts = /^((?:datasets\/)?[^/@]+(?:\/[^/@]+)?(?:@[^/]+)?)(?:\/(.+))?$/.exec(text);
  const repository = parts ? parseRepository(parts[1]) : undefined;
  const file = parts?.[2];
  const unclear = file !== undefined && !/[/@]/.test(parts![1].replace(/^datasets\//, '')); // a short name, or its file?
  if (repository && !unclear && (file === undefined || isRelative(file))) return { repository, file };
  const form = 'hf:owner/name, hf:owner/name@revision, hf:owner/name/file or the same after hf:datasets/';
  throw new DownloadError('E_DOWNLOAD_NAME', `hf:${text}: not a name of the hub; write ${form}`);
}

/** A file's path that stays in its repository. */
const isRelative = (file: string) => file.split('/').every((part) => !['', '.', '..'].includes(part));

/** Where a file is: `{HF_ENDPOINT}/[datasets/]{name}/resolve/{revision}/{file}`. */
export function hubUrl({ kind, name, revision }: Repository, file: string): string {
  const place = kind === 'dataset' ? `datasets/${name}` : name;
  const escaped = file.split('/').map(encodeURIComponent).join('/');
  return `${hubEndpoint()}/${place}/resolve/${encodeURIComponent(revision)}/${escaped}`;
}
