// A web page around a model: a folder of files that any web server, or none but a static one, can give out.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { lockFolder } from '../folder-lock';
import { escapeHtml } from '../escape-html';
import { writeAtomically } from '../staged-file';
import { readTokenizerFiles } from '../tokens/tokenizer-files';
import { typescriptTokenizer } from '../tokens/typescript';
import { knowsNoAnswer } from '../training/no-answer';
import { PublishError } from './errors';
import { exportOnnx } from './onnx/export';
import type { OnnxPrecision } from './onnx/numbers';
import { refuseLinks } from './links';
import { pageFiles } from './page-files';
import type { PageSettings } from './web/messages';
import { makeFolder } from '../make-folder';

/** Precisions by the names of transformers.js. */
export const DTYPES: Record<string, OnnxPrecision> = { q8: 'int8', fp16: 'fp16', fp32: 'fp32' };

export interface WebOptions {
  /** What the page calls the model. */
  name: string;
  /** `q8` is a quarter of `fp32` to load, and answers nearly the same. */
  dtype?: string;
}

/** While a page is being written: what lies there is ours, and not whole. */
const UNFINISHED = '.spanlab-page';
/**
 * Writes the page with everything it needs into `out`: model, tokenizer, ONNX Runtime for WebAssembly. It asks nobody else for
 * anything.
 *
 * @param folder The model's folder, for its tokenizer and for whether it knows "no answer".
 * @returns sizes of the files, in bytes
 * @throws PublishError `E_PUBLISH_FOLDER` when `out` holds something else, `E_PUBLISH_LINK` when `folder` has links that lead out of it, `E_PUBLISH_TOKENIZER` for a tokenizer that TypeScript does not have;
 * FileError
 * @example await writeWebPage(model, 'models/mine', 'site', { name: 'mine' })
 */
export async function writeWebPage(
  model: QuestionAnsweringModel,
  folder: string,
  out: string,
  { name, dtype = 'q8' }: WebOptions,
): Promise<Record<string, number>> {
  checkPlace(out);
  refuseLinks(folder);
  const tokenizer = await tokenizerJson(folder);
  const onnx = await exportOnnx(model, DTYPES[dtype]);
  const { maxPositions, vocabularySize, typeVocabularySize, nullThreshold, temperature } = model.config;
  const sizes = { maxPositions, vocabularySize, typeVocabularySize, nullThreshold, temperature };
  const knowsNone = nullThreshold !== undefined || knowsNoAnswer(folder);
  const settings: PageSettings = { name, dtype, bytes: onnx.length, ...sizes, knowsNone };
  const files = { ...(await filesNamed(name)), 'tokenizer.json': tokenizer, 'model.onnx': onnx };
  const lock = lockFolder(out, 'publishing a page');
  try {
    return writeFiles(out, files, JSON.stringify(settings, null, 2));
  } finally {
    lock.release();
  }
}

/** What is the same in every page, but for its name. */
async function filesNamed(name: string): Promise<Record<string, string | Uint8Array>> {
  const files = await pageFiles();
  const html = Buffer.from(files['index.html']).toString('utf8');
  return { ...files, 'index.html': html.replaceAll('NAME', () => escapeHtml(name)) };
}

async function tokenizerJson(folder: string): Promise<string> {
  const { json } = await readTokenizerFiles(folder);
  try {
    typescriptTokenizer(json);
    return JSON.stringify(json);
  } catch (error) {
    const problem = `the page cannot use this tokenizer (${(error as Error).message})`;
    throw new PublishError('E_PUBLISH_TOKENIZER', `${folder}: ${problem}; publish with --onnx instead`, {
      cause: error,
    });
  }
}

/** Nothing of a person is overwritten: the place is empty, or holds a page of ours, perhaps a part of one. */
function checkPlace(out: string): void {
  try {
    const names = fs.existsSync(out) ? fs.readdirSync(out).filter((name) => !name.startsWith('.spanlab.lock')) : [];
    if (names.length === 0) return;
    if (['page.json', UNFINISHED].some((name) => fs.existsSync(path.join(out, name)))) return;
  } catch (error) {
    throw toFileError(error, out);
  }
  throw new PublishError('E_PUBLISH_FOLDER', `${out}: something else is in this folder; name an empty or a new one`);
}

/** A page without its settings says that it is not whole, so they go first and come last. */
function writeFiles(out: string, files: Record<string, string | Uint8Array>, settings: string): Record<string, number> {
  const marker = path.join(out, UNFINISHED);
  const write = (name: string, content: string | Uint8Array) =>
    writeAtomically(path.join(out, name), typeof content === 'string' ? content : [content]);
  try {
    makeFolder(out);
    fs.rmSync(marker, { force: true });
    fs.writeFileSync(marker, '', { flag: 'wx' }); // never through a link
    fs.rmSync(path.join(out, 'page.json'), { force: true });
    for (const [name, content] of Object.entries(files)) write(name, content);
    write('page.json', settings);
    fs.rmSync(marker);
  } catch (error) {
    throw toFileError(error, out);
  }
  const names = [...Object.keys(files), 'page.json'];
  return Object.fromEntries(names.map((name) => [name, fs.statSync(path.join(out, name)).size]));
}
