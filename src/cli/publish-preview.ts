// What `spanlab publish --to` would send, for `--dry-run`: computed, and nothing of it written into the model's folder.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseBackend } from '../engine/backend';
import { QuestionAnsweringModel } from '../model/question-answering';
import { CARD, cardText } from '../publish/card';
import type { CardOptions } from '../publish/card-facts';
import { PublishError } from '../publish/errors';
import { modelFiles } from '../publish/hub-files';
import { sizeOnnx } from '../publish/onnx/write';
import { Tokenizer } from '../tokens/tokenizer';
import type { Published } from './publish-text';

/**
 * @param withOnnx Whether ONNX files would be made.
 * @throws as publishing does, before anything is sent
 * @example (await previewPublish('models/mine', false, { name: 'somebody/mine' })).files // { 'README.md': 4211, … }
 */
export async function previewPublish(
  folder: string,
  withOnnx: boolean,
  options: CardOptions,
  backend?: string,
): Promise<Published> {
  await chooseBackend(backend);
  const model = openTrained(folder);
  try {
    const tokenizer = await tokenizerFile(folder);
    const onnx = withOnnx ? await sizeOnnx(model, folder) : undefined;
    const there = modelFiles(folder, withOnnx);
    const card = cardText(folder, { ...options, onnx });
    const sizes = [...there, ...(onnx ?? []), ...tokenizer].map(({ name, bytes }) => [name, bytes] as const);
    if (card !== undefined) sizes.push([CARD, Buffer.byteLength(card)]);
    const files = Object.fromEntries([...new Map(sizes)].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { model: folder, card: card === undefined ? `kept: ${CARD} is not ours` : 'would be written', files };
  } finally {
    model.dispose();
  }
}

/** `tokenizer.json`, where it would be made from the vocabulary. */
async function tokenizerFile(folder: string): Promise<{ name: string; bytes: number }[]> {
  const name = 'tokenizer.json';
  const tokenizer = await Tokenizer.fromFolder(folder);
  if (fs.existsSync(path.join(folder, name))) return [];
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  try {
    await tokenizer.save(scratch);
    return fs.readdirSync(scratch).map((file) => ({ name: file, bytes: fs.statSync(path.join(scratch, file)).size }));
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

/** @throws PublishError `E_PUBLISH_MODEL` for an encoder whose answer head nobody trained */
export function openTrained(folder: string): QuestionAnsweringModel {
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const { missing } = model.report;
  if (missing.length === 0) return model;
  model.dispose();
  const advice = 'train it first (spanlab train) and publish the folder that comes out';
  throw new PublishError('E_PUBLISH_MODEL', `${folder}: the model lacks ${missing.join(', ')}; ${advice}`);
}
