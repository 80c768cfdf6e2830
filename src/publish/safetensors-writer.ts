// Writes the safetensors format: names in order, no gaps, the header padded so that every tensor is aligned.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';

export interface TensorData {
  shape: number[];
  values: Float32Array | Int32Array;
}

/**
 * Writes float32 and int32 tensors. The file appears whole or not at all: it is written beside its place, synced and renamed.
 *
 * @throws FileError `E_DISK_FULL`, `E_FILE_PERMISSION`, …; what was there before stays.
 * @example writeSafetensors('model.safetensors', new Map([['bias', { shape: [2], values: new Float32Array(2) }]]))
 */
export function writeSafetensors(
  file: string,
  tensors: Map<string, TensorData>,
  metadata: Record<string, string> = { format: 'pt' },
): void {
  writeAtomically(file, (descriptor) => {
    fs.writeSync(descriptor, header(tensors, metadata));
    for (const { values } of tensors.values()) {
      writeAll(descriptor, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  });
}

function header(tensors: Map<string, TensorData>, metadata: Record<string, string>): Buffer {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let position = 0;
  for (const [name, { shape, values }] of tensors) {
    const dtype = values instanceof Float32Array ? 'F32' : 'I32';
    entries[name] = { dtype, shape, data_offsets: [position, position + values.byteLength] };
    position += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(entries));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/** Writes a file through `fill` so that its path never shows half of it. */
export function writeAtomically(file: string, fill: (descriptor: number) => void): void {
  const partial = `${file}.${process.pid}.part`;
  try {
    const descriptor = fs.openSync(partial, 'w');
    try {
      fill(descriptor);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(partial, file);
    syncParent(file);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw toFileError(error, file);
  }
}

/** The new name is on the disk only when its folder is. */
function syncParent(file: string): void {
  const descriptor = fs.openSync(path.dirname(file), 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A single write may take only part of a large buffer. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 1 << 28));
  }
}
