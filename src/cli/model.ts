// The model that a command line names, with a line of progress where it must be fetched.
import { resolveModel } from '../model/resolve';
import { showDownload } from '../show/download';

/** The folder of a model: a folder, `workshop`, a good start's name, or `owner/name[@revision]` of the hub. */
export function modelFolder(model: string): Promise<string> {
  return showDownload((onProgress) => resolveModel(model, { onProgress }));
}
