// What can go wrong when a model is written.
import { SpanlabError } from '../errors';

/**
 * `E_PUBLISH_FOLDER` (the target cannot be used), `E_PUBLISH_MODEL` (nobody trained it), `E_PUBLISH_TOKENIZER` (not for the
 * web page), `E_ONNX_SIZE` (more than an ONNX file holds).
 * Of the hub: `E_PUBLISH_NAME` (not owner/name), `E_PUBLISH_TOKEN` (none, or not one), `E_PUBLISH_OFFLINE` (the network is
 * forbidden), `E_PUBLISH_AUTH` (401), `E_PUBLISH_DENIED` (403), `E_PUBLISH_MISSING` (404), `E_PUBLISH_CONFLICT` (409, 412),
 * `E_PUBLISH_BUSY` (429 and 5xx), `E_PUBLISH_VISIBLE` (public, and `--private` was asked for), `E_PUBLISH_UPLOAD` (a large file
 * was not taken), `E_PUBLISH_NETWORK` (host, proxy, connection), `E_PUBLISH_HUB` (any other answer).
 */
export class PublishError extends SpanlabError {}
