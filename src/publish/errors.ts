// What can go wrong when a model is written.
import { SpanlabError } from '../errors';

/**
 * `E_PUBLISH_FOLDER` (the target cannot be used), `E_PUBLISH_MODEL` (nobody trained it), `E_PUBLISH_MARKS` (its
 * `eval_results.json` cannot be read), `E_PUBLISH_TOKENIZER` (not for the web page), `E_ONNX_SIZE` (more than an ONNX file holds).
 */
export class PublishError extends SpanlabError {}
