// A trained model for notebooks that begin after training: the one that the tutorial saved, or one trained here in the same way.
import fs from 'node:fs';
import path from 'node:path';
import { QuestionAnsweringModel } from '../model/question-answering';
import { type Profile, profileData, profileEncoder } from './profile';
import { placeAnswers } from '../squad/end';
import { readSquadRecords } from '../squad/read';
import { Tokenizer } from '../tokens/tokenizer';
import { windows } from '../tokens/windows';
import type { StepReport } from '../training/state';
import { hashFiles } from '../file-hash';
import { Trainer } from '../training/trainer';

export interface ReadyModel {
  model: QuestionAnsweringModel;
  tokenizer: Tokenizer;
  /** Where its files are. */
  folder: string;
}

export interface ReadyOptions {
  signal?: AbortSignal;
  /** Called after each step of a training, where one is needed. */
  onStep?: (report: StepReport) => void | Promise<void>;
}

/**
 * Opens `profile.output`, the tutorial's model. Where there is none, it opens `PROFILE.output-quick`, which is trained
 * with the tutorial's settings if need be; a training that was stopped goes on.
 *
 * @throws TrainingError, FileError, ModelError
 * @example const { model, tokenizer } = await readyModel(chooseProfile(), { onStep: (report) => bar.step(report) })
 */
export async function readyModel(profile: Profile, options: ReadyOptions = {}): Promise<ReadyModel> {
  const quick = `${profile.output}-quick`;
  const folder = [profile.output, quick].find((place) => fs.existsSync(path.join(place, 'model.safetensors')));
  if (!folder) await trainQuickly(profile, quick, options);
  const ready = folder ?? quick;
  return {
    model: QuestionAnsweringModel.fromPretrained(ready),
    tokenizer: await Tokenizer.fromFolder(ready),
    folder: ready,
  };
}

async function trainQuickly(profile: Profile, output: string, { signal, onStep }: ReadyOptions): Promise<void> {
  const { train } = await profileData(profile);
  const encoder = await profileEncoder(profile);
  const tokenizer = await Tokenizer.fromFolder(encoder);
  const records = placeAnswers(readSquadRecords(train, { answers: 'honest' }), train);
  const features = await windows(records, tokenizer, { maxLength: profile.maxLength });
  const model = QuestionAnsweringModel.fromPretrained(encoder, { seed: 0 });
  const { epochs, batchSize, learningRate, dropout } = profile;
  try {
    const settings = { epochs, batchSize, learningRate, dropout };
    const made = { inputs: { model: profile.encoder, train }, data: { train: hashFiles(train) } };
    await new Trainer({ model, tokenizer, features, output, options: settings, ...made, onStep }).run({
      signal,
      resume: 'latest',
    });
    signal?.throwIfAborted();
  } finally {
    model.dispose();
  }
}
