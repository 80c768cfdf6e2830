// From a table to a model that answers, in the shortest way.
import fs from 'node:fs';
import { ask } from '../../src/evaluation/answer';
import { evaluate } from '../../src/evaluation/evaluate';
import { chooseProfile, profileData } from '../../src/lesson/profile';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { resolveModel } from '../../src/model/resolve';
import { savePretrained } from '../../src/model/save';
import { placeAnswers } from '../../src/squad/end';
import { exampleRows } from '../../src/squad/example-table';
import { writeRows } from '../../src/squad/own-data';
import { readSquadChecked } from '../../src/squad/problems';
import { readSquadRecords } from '../../src/squad/read';
import type { SquadRecord } from '../../src/squad/record';
import { splitByArticle } from '../../src/squad/split';
import { SquadError } from '../../src/squad/errors';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { windows } from '../../src/tokens/windows';
import { Trainer } from '../../src/training/trainer';
import { zipFolder } from '../browser/index';
import type { Score, Settings, ToPage } from './protocol';

/** Outside of what the browser keeps. */
const FOLDER = '/tmp/playground';
/** As in notebook 00; the other notebooks measure with other shares and seeds. */
const [BATCH_SIZE, LEARNING_RATE, MAX_LENGTH] = [4, 1.5e-4, 384];
/** Of the questions, to measure with; of fewer than so many none. */
const [HELD_OUT, LEAST] = [0.2, 20];
const PROBLEMS_SHOWN = 20;

type Message<K extends ToPage['kind']> = Extract<ToPage, { kind: K }>;

export class Lesson {
  private examples: SquadRecord[] = [];
  private heldOut: SquadRecord[] = [];
  private model?: QuestionAnsweringModel;
  private tokenizer?: Tokenizer;

  constructor(private readonly post: (message: ToPage) => void) {
    fs.mkdirSync(FOLDER, { recursive: true });
  }

  /** @throws SquadError, FileError for what is no table of questions */
  read(name: string, bytes: Uint8Array): Message<'read'> {
    const file = `${FOLDER}/${name.replaceAll(/[\\/]/g, '-')}`;
    fs.writeFileSync(file, bytes);
    const { records, problems } = readSquadChecked(file, { mode: 'tolerant' });
    fs.rmSync(file);
    if (records.length === 0) throw new SquadError('E_SQUAD_SCHEMA', `${name}: no question in it can be used`);
    const share = records.length < LEAST ? 0 : HELD_OUT;
    [this.examples, this.heldOut] = share > 0 ? splitByArticle(records, share, 0) : [records, []];
    const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ path, what, remedy }) => `${path}: ${what} (${remedy})`);
    if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
    const texts = new Set(records.map(({ context }) => context)).size;
    const { context: text, question } = this.heldOut[0] ?? records[0];
    return {
      kind: 'read',
      questions: records.length,
      heldOut: this.heldOut.length,
      texts,
      problems: shown,
      text,
      question,
    };
  }

  readExample(): Message<'read'> {
    const file = `${FOLDER}/depot.csv`;
    writeRows(file, exampleRows(40).map((cells, i) => ({ number: i + 2, cells: { ...cells } }))); // prettier-ignore
    return this.read('depot.csv', fs.readFileSync(file));
  }

  /** Trains anew; what was trained before is given up. */
  async train({ start, steps, mix }: Settings, signal: AbortSignal): Promise<Message<'trained'>> {
    const encoder = await resolveModel(start);
    this.model?.dispose();
    const tokenizer = (this.tokenizer = await Tokenizer.fromFolder(encoder));
    const model = (this.model = QuestionAnsweringModel.fromPretrained(encoder, { seed: 0 }));
    const before = await this.measure('measuring what it knows before');
    const features = await windows(this.examples, tokenizer, { maxLength: MAX_LENGTH });
    const general = mix
      ? { features: await windows(await courseQuestions(), tokenizer, { maxLength: MAX_LENGTH }) }
      : undefined;
    const began = performance.now();
    const trainer = new Trainer({
      model,
      features,
      mix: general,
      options: { steps, batchSize: BATCH_SIZE, learningRate: LEARNING_RATE },
      onStep: ({ step, loss }) => {
        const secondsLeft = ((performance.now() - began) / 1000 / step) * (steps - step);
        this.post({ kind: 'step', step, total: steps, loss, secondsLeft });
      },
    });
    const { stopped, seconds } = await trainer.run({ signal });
    return { kind: 'trained', before, after: await this.measure('measuring what it knows now'), stopped, seconds };
  }

  private async measure(what: string): Promise<Score | undefined> {
    if (this.heldOut.length === 0) return undefined;
    this.post({ kind: 'status', text: `${what} (${this.heldOut.length} questions)` });
    const { metrics } = await evaluate(this.model!, this.tokenizer!, this.heldOut, { maxLength: MAX_LENGTH });
    return { exact: metrics.exact, f1: metrics.f1 };
  }

  async ask(question: string, text: string): Promise<Message<'answers'>> {
    const answers = await ask(this.model!, this.tokenizer!, question, text, { topK: 3 });
    return {
      kind: 'answers',
      answers: answers.map(({ answer, score, start, end }) => ({ answer, score, start, end })),
    };
  }

  async save(): Promise<Message<'zip'>> {
    const folder = `${FOLDER}/my-model`;
    await savePretrained(this.model!, this.tokenizer!, folder);
    const zip = zipFolder(folder);
    fs.rmSync(folder, { recursive: true });
    return { kind: 'zip', name: 'my-model.zip', zip };
  }
}

async function courseQuestions(): Promise<SquadRecord[]> {
  const { train } = await profileData(chooseProfile('workshop'));
  return placeAnswers(readSquadRecords(train, { answers: 'honest' }), train);
}
