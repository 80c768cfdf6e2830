// `spanlab tune`: probabilities that mean what they say, and when a model should say that there is no answer; both chosen on
// questions that it was not trained on.
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { type JudgedQuestion, chooseTemperature, judgeQuestions, sureAnswers } from '../evaluation/calibrate';
import { evaluate, hasImpossible } from '../evaluation/evaluate';
import { storeTemperature, storeThreshold, tuneThreshold } from '../evaluation/tune';
import { refuseBusy, whileLocked } from '../folder-lock';
import { QuestionAnsweringModel } from '../model/question-answering';
import { percent } from '../show/text-table';
import type { SquadRecord } from '../squad/record';
import { Tokenizer } from '../tokens/tokenizer';
import { fileOptions, sourceOptions } from './columns';
import { readLabelled } from './data-files';
import { interruptSignal } from './interrupt';
import { say } from '../terminal';
import { sayOfModel } from './model-notes';
import { backendOption, jsonOption, windowLengths, windowOptions } from './options';
import { printResult } from './result';
import { tuneNotes } from './tune-notes';
import { counted } from '../counted';

export default defineCommand({
  args: {
    model: { type: 'string', description: 'folder of the model; what is found is stored in it', required: true },
    data: {
      type: 'string',
      description: 'held-out questions, used neither for training nor for judging the model',
      required: true,
    },
    check: {
      type: 'string',
      description: 'further questions, not in --data, to check whether the probabilities hold there',
    },
    ...windowOptions,
    ...fileOptions,
    backend: backendOption,
    json: jsonOption,
  },
  async run({ args }) {
    refuseBusy(args.model);
    const records = readLabelled(args.data, sourceOptions(args));
    const others = args.check === undefined ? undefined : readLabelled(args.check, sourceOptions(args));
    await chooseBackend(args.backend);
    const tokenizer = await Tokenizer.fromFolder(args.model);
    const model = QuestionAnsweringModel.fromPretrained(args.model);
    const options = { ...windowLengths(args), signal: interruptSignal() };
    sayOfModel(model, options);
    const judge = (questions: SquadRecord[]) => judgeQuestions(model, tokenizer, questions, options);
    const questions = await judge(records);
    const { temperature, edge } = chooseTemperature(questions);
    const found = {
      temperature,
      temperature_stored: edge === undefined,
      ...sureOf(questions, temperature),
      ...(others && { check: sureOf(await judge(others), temperature) }),
    };
    const threshold = hasBothKinds(records)
      ? tuneThreshold(records, (await evaluate(model, tokenizer, records, options)).predictions)
      : undefined;
    // nothing before everything is known
    whileLocked(args.model, 'tuning', () => {
      if (edge === undefined) storeTemperature(args.model, temperature);
      if (threshold && threshold.edge === undefined) storeThreshold(args.model, threshold.threshold);
    });
    tuneNotes(records, questions, edge, threshold).forEach(say);
    const text = temperatureText(found, args) + thresholdText(threshold, args.model);
    printResult({ ...found, ...thresholdForPrint(threshold) }, args.json, text);
  },
});

type Threshold = ReturnType<typeof tuneThreshold> | undefined;

/** Of the answers above 80 %, at the temperature and without it. */
interface Sure {
  questions: number;
  sure: number;
  sure_right: number;
  untuned_sure: number;
  untuned_sure_right: number;
}

function sureOf(questions: JudgedQuestion[], temperature: number): Sure {
  const [tuned, untuned] = [temperature, 1].map((at) => sureAnswers(questions, at));
  return {
    questions: questions.length,
    sure: tuned.answers,
    sure_right: tuned.right,
    untuned_sure: untuned.answers,
    untuned_sure_right: untuned.right,
  };
}

/** A threshold needs questions with an answer and questions without. */
function hasBothKinds(records: SquadRecord[]): boolean {
  return hasImpossible(records) && records.some(({ answers }) => answers.length > 0);
}

function thresholdForPrint(threshold: Threshold): Record<string, number | boolean> {
  if (!threshold) return {};
  const { threshold: found, edge, f1, f1AtZero } = threshold;
  return { null_threshold: found, null_threshold_stored: edge === undefined, f1, f1_at_zero: f1AtZero };
}

function temperatureText(
  found: Sure & { temperature: number; temperature_stored: boolean; check?: Sure },
  { model, data, check }: { model: string; data: string; check?: string },
): string {
  const told = found.temperature_stored
    ? `Probabilities are now those of a temperature of ${found.temperature}, stored in ${model}.\n`
    : `No temperature was found, and none stored: ${model} stays as it was.\n`;
  return told + sureText(data, found) + (found.check ? sureText(check!, found.check) : '');
}

function sureText(file: string, { questions, sure, sure_right: right, ...untuned }: Sure): string {
  const share = (count: number, of: number) =>
    of === 0 ? 'none' : `${count} of ${of} right (${percent((100 * count) / of)})`;
  const before = share(untuned.untuned_sure_right, untuned.untuned_sure);
  return `${file}, ${counted(questions, 'question')}: answers above 80 %: ${share(right, sure)}; before: ${before}.\n`;
}

function thresholdText(found: Threshold, model: string): string {
  if (!found)
    return 'No threshold for "no answer" was chosen: that needs questions with an answer and questions without.\n';
  const { threshold, edge, f1, f1AtZero } = found;
  if (edge !== undefined) return `No threshold for "no answer" was found, and none stored: ${model} stays as it was.\n`;
  return (
    `The model now says "no answer" above a threshold of ${threshold.toFixed(3)}, stored in ${model}.\n` +
    `F1 on these questions: ${percent(f1)}; with a threshold of 0 it was ${percent(f1AtZero)}.\n`
  );
}
