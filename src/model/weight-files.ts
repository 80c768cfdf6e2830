// The tensors of a model folder: one file of safetensors or of PyTorch, or several that an index lists.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { FileError } from '../errors';
import { readJsonObject } from '../json-file';
import { quoted } from '../printable';
import { finishReplacing } from '../staged-folder';
import { ModelError } from './errors';
import { aliases } from './names';
import { PickleFile } from './pickle/file';
import { SafetensorsFile } from './safetensors/file';

/** The forms in which weights are read, in the order in which Python looks for them: a whole file, or an index of several. */
const FORMS = [
  { whole: 'model.safetensors', index: 'model.safetensors.index.json', suffix: '.safetensors' },
  { whole: 'pytorch_model.bin', index: 'pytorch_model.bin.index.json', suffix: '.bin' },
];
/** Weights that need another framework. */
export const OTHERS = /\.(?:onnx|ort|h5|keras|msgpack|ckpt|index|gguf|ggml|tflite|mlmodel|ot)$/i;
/** Where programs put them, next to the configuration. */
const PLACES = ['', 'onnx'];

/** A file of tensors, open. */
interface TensorFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, { shape: number[] }>;
  readFloat32(name: string): Float32Array;
  close(): void;
}

/** Bytes: a hundred thousand names. */
const LARGEST_INDEX = 1 << 24;

const indexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

/**
 * @throws FileError `E_FILE_MISSING`; SafetensorsError; PickleError; ModelError `E_MODEL_WEIGHTS` for an index that does not fit its files.
 * @example const files = new WeightFiles('models/mine'); files.read(files.find('qa_outputs.weight')!); files.close()
 */
export class WeightFiles {
  private readonly files: TensorFile[] = [];
  private readonly where = new Map<string, TensorFile>();

  constructor(folder: string) {
    finishReplacing(folder);
    try {
      const { whole, index } = weightForm(folder);
      if (index === undefined) this.openWhole(whole);
      else this.openShards(folder, readIndex(index.file, index.suffix), index.file);
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

  /** The file that holds a tensor. */
  fileOf(name: string): string {
    return this.where.get(name)!.path;
  }

  read(name: string): Float32Array {
    return this.where.get(name)!.readFloat32(name);
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private openWhole(name: string): void {
    const file = this.open(name);
    for (const name of file.tensors.keys()) this.where.set(name, file);
  }

  private openShards(folder: string, map: Record<string, string>, index: string): void {
    refuseMissing(folder, map, index);
    const shards = new Map([...new Set(Object.values(map))].map((name) => [name, this.open(path.join(folder, name))]));
    for (const [name, shard] of Object.entries(map)) {
      const file = shards.get(shard)!;
      if (!file.tensors.has(name)) {
        throw new ModelError(
          'E_MODEL_WEIGHTS',
          `${file.path}: no tensor ${quoted(name)}, which ${path.basename(index)} promises; fetch it again`,
        );
      }
      this.where.set(name, file);
    }
  }

  private open(file: string): TensorFile {
    if (!fs.existsSync(file)) throw missing(file);
    const opened = file.endsWith('.bin') ? new PickleFile(file) : new SafetensorsFile(file);
    this.files.push(opened);
    return opened;
  }
}

/** What the weights of a folder are in: a file, or an index of files. */
function weightForm(folder: string): { whole: string; index?: { file: string; suffix: string } } {
  for (const { whole, index, suffix } of FORMS) {
    const [file, list] = [path.join(folder, whole), path.join(folder, index)];
    if (fs.existsSync(file)) return { whole: file };
    if (fs.existsSync(list)) return { whole: file, index: { file: list, suffix } };
  }
  return { whole: path.join(folder, FORMS[0].whole) };
}

/** The files that the weights of a folder are in: the whole one where it is there, as for reading. @throws FileError, ModelError */
export function weightFileNames(folder: string): string[] {
  const { whole, index } = weightForm(folder);
  if (index === undefined) return [whole];
  return [...new Set(Object.values(readIndex(index.file, index.suffix)))].sort().map((name) => path.join(folder, name));
}

/** Shards and their index next to a whole file: an older save, which readers pass over. */
export function isShard(name: string): boolean {
  return FORMS.some(({ index }) => index === name) || /^(?:model-\d{5}-of-\d{5}\.safetensors|pytorch_model-\d{5}-of-\d{5}\.bin)$/.test(name); // prettier-ignore
}

/** Of several that are missing the first is named. @throws FileError `E_FILE_MISSING` */
function refuseMissing(folder: string, map: Record<string, string>, index: string): void {
  const lost = [...new Set(Object.values(map))].filter((name) => !fs.existsSync(path.join(folder, name))).sort();
  if (lost.length === 0) return;
  const more = lost.length > 1 ? ` (and ${lost.length - 1} more)` : '';
  const problem = `no such file, though ${path.basename(index)} names it${more}`;
  const advice = 'fetch what is missing, or save the model again';
  throw new FileError('E_FILE_MISSING', `${path.join(folder, lost[0])}: ${problem}; ${advice}`);
}

function missing(file: string): FileError {
  const shard = shardIn(path.dirname(file));
  if (shard !== undefined) {
    const index = FORMS.find(({ suffix }) => shard.endsWith(suffix))!.index;
    const problem = `no such file, though ${shard} is here, whose tensors ${index} lists`;
    return new FileError('E_FILE_MISSING', `${path.join(path.dirname(file), index)}: ${problem}; fetch it, too`);
  }
  const other = otherWeights(path.dirname(file));
  const advice = other
    ? `only ${other} is here; save it in Python (model.save_pretrained(folder))`
    : 'a model folder needs its weights, in model.safetensors or pytorch_model.bin';
  return new FileError('E_FILE_MISSING', `${file}: no such file; ${advice}`);
}

/** A part of weights, by its name in the folder. */
function shardIn(folder: string): string | undefined {
  const isFolder = fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? fs.readdirSync(folder).sort().find((name) => /-of-\d{5}\./.test(name) && isShard(name)) : undefined; // prettier-ignore
}

/** Weights in a folder that are not in a form that we read, by their name in it. */
export function otherWeights(folder: string): string | undefined {
  for (const place of PLACES) {
    const inside = path.join(folder, place);
    const isFolder = fs.statSync(inside, { throwIfNoEntry: false })?.isDirectory() === true;
    const name = isFolder ? fs.readdirSync(inside).find((one) => OTHERS.test(one)) : undefined;
    if (name !== undefined) return path.join(place, name);
  }
  return undefined;
}

function readIndex(file: string, suffix: string): Record<string, string> {
  const content = readJsonObject(file, LARGEST_INDEX, (problem) => new ModelError('E_MODEL_WEIGHTS', problem));
  if (!v.is(indexSchema, content)) {
    throw new ModelError('E_MODEL_WEIGHTS', `${file}: no weight_map of names and files; fetch it again`);
  }
  for (const [name, shard] of Object.entries(content.weight_map)) {
    if (path.basename(shard) === shard && shard.endsWith(suffix)) continue;
    throw new ModelError(
      'E_MODEL_WEIGHTS',
      `${file}: weight_map.${quoted(name)} is ${quoted(shard)}, not a ${suffix} file next to it`,
    );
  }
  return content.weight_map;
}
