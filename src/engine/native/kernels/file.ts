// Where the compiled kernels of this machine are. Their name holds what they were made of: a file that is there fits.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../../root';

/** The C++ files to compile. */
export function kernelSources(): string[] {
  return sources().filter((file) => file.endsWith('.cc'));
}

/** The addon that `kernelSources` become on this processor with this build of TensorFlow; `SPANLAB_KERNELS` names another. */
export function kernelsFile(tensorflowVersion: string): string {
  if (process.env.SPANLAB_KERNELS) return process.env.SPANLAB_KERNELS;
  const hash = createHash('sha256').update(`${tensorflowVersion} ${process.arch} ${os.cpus()[0]?.model}`);
  for (const file of sources()) hash.update(path.basename(file)).update(fs.readFileSync(file));
  return path.join(cacheFolder('kernels'), `${hash.digest('hex').slice(0, 16)}.node`);
}

function sources(): string[] {
  const names = fs.readdirSync(__dirname).filter((name) => /\.(cc|h)$/.test(name));
  return names.sort().map((name) => path.join(__dirname, name));
}
