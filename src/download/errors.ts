// What can go wrong with a download.
import { SpanlabError } from '../errors';

/**
 * `E_DOWNLOAD_AUTH` (401), `E_DOWNLOAD_DENIED` (403), `E_DOWNLOAD_MISSING` (404), `E_DOWNLOAD_BUSY` (429 and 5xx, to the last
 * try), `E_DOWNLOAD_NETWORK` (host, proxy, certificate, connection), `E_DOWNLOAD_HASH` (other bytes than promised),
 * `E_DOWNLOAD_OFFLINE` (not here, and the network is forbidden), `E_DOWNLOAD_NAME` (neither name nor address),
 * `E_DOWNLOAD_LOCK` (another process took over), `E_DOWNLOAD` (any other answer that gives no file).
 */
export class DownloadError extends SpanlabError {}

/** A failure that another try may overcome; `wait` is the time in milliseconds that the server asked for. */
export class Temporary extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly wait?: number,
  ) {
    super(message);
  }
}
