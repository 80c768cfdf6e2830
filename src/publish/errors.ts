// What can go wrong when a model is written.
import { SpanlabError } from '../errors';

/** `E_PUBLISH_FOLDER` (the target cannot be used). */
export class PublishError extends SpanlabError {}
