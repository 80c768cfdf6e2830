// The site's encoder made small: the first numbers of every tensor, so that whole notebooks run in seconds. It has MiniLM's
// tokenizer, layers and heads; what it learns is no good.
import fs from 'node:fs';
import path from 'node:path';
import { hashFiles } from '../../src/file-hash';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { type TensorData, writeSafetensors } from '../../src/model/safetensors/write';
import { toHalves } from '../../src/publish/onnx/tensors';

/** What stays of each size; other sizes (vocabulary, positions) are not changed. */
const SIZES: Record<number, number> = { 384: 24, 1536: 48 };

/** Makes the encoder in `folder` small, in place. */
export function shrinkEncoder(folder: string): void {
  const weights = path.join(folder, 'model.safetensors');
  const file = new SafetensorsFile(weights);
  const tensors = new Map<string, TensorData>();
  for (const [name, { shape }] of file.tensors) {
    const [values, small] = cut(file.readFloat32(name), shape);
    tensors.set(name, { shape: small, values: toHalves(values), dtype: 'F16' });
  }
  file.close();
  fs.rmSync(weights);
  writeSafetensors(weights, tensors);
  const config = path.join(folder, 'config.json');
  const text = fs.readFileSync(config, 'utf8');
  fs.writeFileSync(config, text.replace('"hidden_size": 384', '"hidden_size": 24').replace('1536', '48'));
  const list = path.join(folder, 'files.json');
  const names = Object.keys(JSON.parse(fs.readFileSync(list, 'utf8')) as object);
  const described = names.map((name) => {
    const place = path.join(folder, name);
    return [name, { size: fs.statSync(place).size, sha256: hashFiles(place) }];
  });
  fs.writeFileSync(list, JSON.stringify(Object.fromEntries(described)));
}

function cut(values: Float32Array, shape: number[]): [Float32Array, number[]] {
  const small = shape.map((size) => SIZES[size] ?? size);
  const [rows, columns] = small.length === 1 ? [1, small[0]] : small;
  const width = shape.at(-1)!;
  const kept = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) kept.set(values.subarray(row * width, row * width + columns), row * columns);
  return [kept, small];
}
