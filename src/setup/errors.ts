// What can be missing on a machine.
import { SpanlabError } from '../errors';

/**
 * `E_SETUP_TENSORFLOW`, `E_SETUP_JUPYTER`: a piece that could not be provided; the message says what to install. `E_NOTEBOOK`,
 * `E_NOTEBOOK_KERNEL`: a notebook that did not come to its end.
 */
export class SetupError extends SpanlabError {}
