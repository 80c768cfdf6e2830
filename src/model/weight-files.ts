// The tensors of a model folder: one safetensors file, or several that an index lists.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { FileError } from '../errors';
import { readJsonObject } from '../json-file';
import { quoted } from '../printable';
import { finishReplacing } from '../staged-folder';
import { ModelError } from './errors';
import { aliases } from './names';
import { SafetensorsFile } from './safetensors/file';

const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** Weights of other kinds, which run code when they are opened, or need another framework. */
const OTHERS = ['pytorch_model.bin', 'pytorch_model.bin.index.json', 'tf_model.h5', 'flax_model.msgpack'];

/** Bytes: a hundred thousand names. */
const LARGEST_INDEX = 1 << 24;

const indexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

/**
 * @throws FileError `E_FILE_MISSING`; SafetensorsError; ModelError `E_MODEL_WEIGHTS` for an index that does not fit its files.
 * @example const files = new WeightFiles('models/mine'); files.read(files.find('qa_outputs.weight')!); files.close()
 */
export class WeightFiles {
  private readonly files: SafetensorsFile[] = [];
  private readonly where = new Map<string, SafetensorsFile>();

  constructor(folder: string) {
    finishReplacing(folder);
    try {
      if (fs.existsSync(path.join(folder, WHOLE)) || !fs.existsSync(path.join(folder, INDEX))) this.openWhole(folder);
      else this.openShards(folder, readIndex(path.join(folder, INDEX)));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.where.keys()];
  }

  /** The name under which the files hold `source`, if they do. */
  find(source: string): string | undefined {
    return aliases(source).find((name) => this.where.has(name));
  }

  shape(name: string): number[] {
    return this.where.get(name)!.tensors.get(name)!.shape;
  }

  read(name: string): Float32Array {
    return this.where.get(name)!.readFloat32(name);
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private openWhole(folder: string): void {
    const file = this.open(path.join(folder, WHOLE));
    for (const name of file.tensors.keys()) this.where.set(name, file);
  }

  private openShards(folder: string, map: Record<string, string>): void {
    const shards = new Map([...new Set(Object.values(map))].map((name) => [name, this.open(path.join(folder, name))]));
    for (const [name, shard] of Object.entries(map)) {
      const file = shards.get(shard)!;
      if (!file.tensors.has(name)) {
        throw new ModelError(
          'E_MODEL_WEIGHTS',
          `${file.path}: no tensor ${quoted(name)}, which ${INDEX} promises; fetch it again`,
        );
      }
      this.where.set(name, file);
    }
  }

  private open(file: string): SafetensorsFile {
    if (!fs.existsSync(file)) throw missing(file);
    const opened = new SafetensorsFile(file);
    this.files.push(opened);
    return opened;
  }
}

/** The files that the weights of a folder are in: the whole one where it is there, as for reading. @throws FileError, ModelError */
export function weightFileNames(folder: string): string[] {
  const [whole, index] = [WHOLE, INDEX].map((name) => path.join(folder, name));
  if (fs.existsSync(whole) || !fs.existsSync(index)) return [whole];
  return [...new Set(Object.values(readIndex(index)))].sort().map((name) => path.join(folder, name));
}

/** Shards and their index beside a whole file: an older save, which readers pass over. */
export function isShard(name: string): boolean {
  return name === INDEX || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name);
}

function missing(file: string): FileError {
  const other = OTHERS.find((name) => fs.existsSync(path.join(path.dirname(file), name)));
  const advice = other
    ? `only ${other} is here; save it as safetensors in Python (model.save_pretrained(folder))`
    : 'a model folder needs its weights in safetensors';
  return new FileError('E_FILE_MISSING', `${file}: no such file; ${advice}`);
}

function readIndex(file: string): Record<string, string> {
  const content = readJsonObject(file, LARGEST_INDEX, (problem) => new ModelError('E_MODEL_WEIGHTS', problem));
  if (!v.is(indexSchema, content)) {
    throw new ModelError('E_MODEL_WEIGHTS', `${file}: no weight_map of names and files; fetch it again`);
  }
  for (const [name, shard] of Object.entries(content.weight_map)) {
    if (path.basename(shard) === shard && shard.endsWith('.safetensors')) continue;
    throw new ModelError(
      'E_MODEL_WEIGHTS',
      `${file}: weight_map.${quoted(name)} is ${quoted(shard)}, not a safetensors file beside it`,
    );
  }
  return content.weight_map;
}
