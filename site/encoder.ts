// The workshop's encoder as files of the site: weights as float16, and the hash of every file.
import fs from 'node:fs';
import path from 'node:path';
import { hashFiles } from '../src/file-hash';
import { SafetensorsFile } from '../src/model/safetensors/file';
import { type TensorData, writeSafetensors } from '../src/model/safetensors/write';
import { ensureWorkshopEncoder } from '../src/model/workshop-encoder';
import { toHalves } from '../src/publish/onnx/tensors';

const WEIGHTS = 'model.safetensors';

/** Writes the encoder into `folder`, and `files.json` with bytes and SHA-256 of each file. */
export async function writeEncoder(folder: string): Promise<void> {
  const source = await ensureWorkshopEncoder();
  fs.mkdirSync(folder, { recursive: true });
  const files: Record<string, { size: number; sha256: string }> = {};
  const names = fs
    .readdirSync(source)
    .filter((name) => /\.(json|txt|safetensors)$/.test(name) && name !== 'files.json');
  // the large one last: it is what says that the folder is there
  for (const name of names.sort((one, other) => Number(one === WEIGHTS) - Number(other === WEIGHTS))) {
    const target = path.join(folder, name);
    if (name === WEIGHTS) writeHalves(path.join(source, name), target);
    else fs.copyFileSync(path.join(source, name), target);
    files[name] = { size: fs.statSync(target).size, sha256: hashFiles(target) };
  }
  fs.writeFileSync(path.join(folder, 'files.json'), JSON.stringify(files));
}

/** The same tensors with numbers of 16 bits; integers stay. */
function writeHalves(source: string, target: string): void {
  const file = new SafetensorsFile(source);
  const tensors = new Map<string, TensorData>();
  for (const [name, { dtype, shape }] of file.tensors) {
    if (dtype === 'F32') tensors.set(name, { shape, values: toHalves(file.readFloat32(name)), dtype: 'F16' });
  }
  file.close();
  writeSafetensors(target, tensors);
}
