// Where the binding of the installed package looks for its addon: in the cache for all projects. In a clone it asks node-pre-gyp, which
// finds the link that the set-up made.
import fs from 'node:fs';
import { addonFile } from './addon';
import { isFinished } from './folder';
import { tensorflowFolder } from './tensorflow';

/** The compiled addon: of the CUDA build where that was set up and `SPANLAB_GPU` does not forbid it. */
export function find(): string {
  const flavours = process.env.SPANLAB_GPU === '0' ? (['cpu'] as const) : (['gpu', 'cpu'] as const);
  const folders = flavours.map(tensorflowFolder);
  const ready = folders.find((folder) => isFinished(folder) && fs.existsSync(addonFile(folder)));
  return addonFile(ready ?? tensorflowFolder('cpu'));
}
