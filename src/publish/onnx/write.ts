// The three ONNX files of a published folder, in the places where transformers.js looks for them.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../../errors';
import type { QuestionAnsweringModel } from '../../model/question-answering';
import { weightFileNames } from '../../model/weight-files';
import { hashWeights } from '../../model/weights-hash';
import { writeAtomically } from '../../staged-file';
import { refuseLinks } from '../links';
import { exportOnnx } from './export';
import type { OnnxPrecision } from './numbers';
import { makeFolder } from '../../make-folder';

/** Names by precision; transformers.js calls them by its `dtype`: `fp32`, `fp16`, `q8`. */
export const ONNX_FILES: Record<OnnxPrecision, string> = {
  fp32: 'onnx/model.onnx',
  fp16: 'onnx/model_fp16.onnx',
  int8: 'onnx/model_quantized.onnx',
};
/** In the metadata of a file: the weights that it was made from. */
export const WEIGHTS_KEY = 'spanlab.weights_sha256';
export const ONNX_PRECISIONS = Object.keys(ONNX_FILES) as OnnxPrecision[];

export interface OnnxFile {
  precision: OnnxPrecision;
  /** Its path in the folder. */
  name: string;
  bytes: number;
}

/**
 * Writes the model as ONNX into `folder/onnx`, each file whole or not at all. Where `folder` holds the model, which should be
 * this one, the files say which weights they are of.
 *
 * @throws PublishError `E_ONNX_SIZE`, `E_PUBLISH_LINK`; FileError
 * @example await writeOnnx(model, 'models/mine') // [{ precision: 'fp32', name: 'onnx/model.onnx', bytes: … }, …]
 */
export async function writeOnnx(
  model: QuestionAnsweringModel,
  folder: string,
  precisions: OnnxPrecision[] = ONNX_PRECISIONS,
): Promise<OnnxFile[]> {
  refuseLinks(folder);
  const written: OnnxFile[] = [];
  for await (const { precision, name, content } of makeOnnx(model, folder, precisions)) {
    const file = path.join(folder, name);
    try {
      makeFolder(path.dirname(file));
    } catch (error) {
      throw toFileError(error, file);
    }
    writeAtomically(file, [content]);
    written.push({ precision, name, bytes: content.length });
  }
  return written;
}

/** What `writeOnnx` would write, without a file. */
export async function sizeOnnx(model: QuestionAnsweringModel, folder: string): Promise<OnnxFile[]> {
  const files: OnnxFile[] = [];
  for await (const { precision, name, content } of makeOnnx(model, folder, ONNX_PRECISIONS)) {
    files.push({ precision, name, bytes: content.length });
  }
  return files;
}

async function* makeOnnx(model: QuestionAnsweringModel, folder: string, precisions: OnnxPrecision[]) {
  const isModel = weightFileNames(folder).every((file) => fs.existsSync(file));
  const weights: Record<string, string> = isModel ? { [WEIGHTS_KEY]: hashWeights(folder) } : {};
  for (const precision of precisions) {
    yield { precision, name: ONNX_FILES[precision], content: await exportOnnx(model, precision, weights) };
  }
}
