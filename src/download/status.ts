// What an HTTP status means for the person who waits for the file.
import { shown } from './address';
import { DownloadError, Temporary } from './errors';
import type { Answer } from './http';
import { retryAfter } from './retry';

const MEANINGS: Record<number, [code: string, meaning: string]> = {
  401: ['E_DOWNLOAD_AUTH', 'the server asks who you are; check the name, then set HF_TOKEN'],
  403: ['E_DOWNLOAD_DENIED', 'access is denied; accept the terms of this file with your account, then set HF_TOKEN'],
  404: ['E_DOWNLOAD_MISSING', 'there is no such file; check the name'],
  407: ['E_DOWNLOAD_NETWORK', 'the proxy asks who you are; write HTTPS_PROXY=http://user:password@host:port'],
  410: ['E_DOWNLOAD_MISSING', 'the file is not there any more; check the name'],
};

/**
 * Nothing for an answer with a file.
 *
 * @throws Temporary for 408, 429 and 5xx; DownloadError with the code of the status for the others
 */
export function checkStatus(url: string, response: Answer): void {
  const { status, headers } = response;
  if (status === 200 || status === 206) return;
  if (status === 408 || status === 429 || status >= 500) {
    throw new Temporary('E_DOWNLOAD_BUSY', `the server answered ${status}`, retryAfter(headers.get('retry-after')));
  }
  const [code, meaning] = MEANINGS[status] ?? ['E_DOWNLOAD', 'it cannot give this file'];
  const said = headers.get('x-error-message'); // the hub's own words
  throw new DownloadError(code, `${shown(url)}: the server answered ${status}${said ? ` (${said})` : ''}: ${meaning}`);
}
