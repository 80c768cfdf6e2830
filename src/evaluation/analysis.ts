// Where a model fails: each question with its prediction and metrics, and the metrics of groups of questions.
import type { SquadRecord } from '../squad/record';
import type { Evaluation } from './evaluate';
import { scoreQuestions } from './metrics';
import { type Prediction, toAnswers } from './spans';

/** A question, what the model said, and how good that was. */
export interface QuestionResult {
  record: SquadRecord;
  /** What counts: the best answer, or empty where it was withheld. */
  predicted: string;
  /** Where it stands, in UTF-16 positions of the context; both 0 where it was withheld. */
  start: number;
  end: number;
  exact: number; // 0 or 1
  f1: number; // 0 to 1
  /** Whether the best answer, withheld or not, is an exact match. */
  bestIsRight: boolean;
  /** Shares of the best answer and of "no answer" when both are counted among the other answers; 0 to 1. */
  answerProbability: number;
  noneProbability: number;
  nullOdds: number;
}

/**
 * Every question with its prediction and metrics, in the order of the data.
 *
 * @example questionResults(await evaluate(model, tokenizer, records))[0].f1
 */
export function questionResults({
  records,
  predictions,
  threshold,
}: Pick<Evaluation, 'records' | 'predictions' | 'threshold'>): QuestionResult[] {
  const answers = toAnswers(predictions, threshold);
  const metrics = scoreQuestions(records, answers);
  const bestMarks = scoreQuestions(records, toAnswers(predictions));
  return records.map((record, i) => {
    const { best, nullOdds } = predictions[i];
    const isWithheld = nullOdds > threshold;
    const { exact, f1 } = metrics[i];
    return {
      record,
      predicted: answers[record.id],
      exact,
      f1,
      nullOdds,
      start: isWithheld ? 0 : best[0].start,
      end: isWithheld ? 0 : best[0].end,
      bestIsRight: bestMarks[i].exact === 1 && record.answers.length > 0,
      ...probabilities(predictions[i]),
    };
  });
}

function probabilities({ best, nullOdds }: Prediction) {
  // the odds of "no answer" next to the answers, whose shares add up to 1; beyond e^50 nothing changes
  const odds = Math.exp(Math.min(nullOdds, 50)) * best[0].probability;
  return { answerProbability: best[0].probability / (1 + odds), noneProbability: odds / (1 + odds) };
}

/** The questions with the lowest F1; of equal ones those first that the model was surest of. */
export function worst(results: QuestionResult[], count = 10): QuestionResult[] {
  const sureness = (result: QuestionResult) =>
    result.predicted === '' ? result.noneProbability : result.answerProbability;
  return [...results].sort((a, b) => a.f1 - b.f1 || sureness(b) - sureness(a)).slice(0, count);
}

/** Metrics of the questions that have something in common, in percent. */
export interface GroupMetrics {
  group: string;
  questions: number;
  exact: number;
  f1: number;
}

/** By what questions can be grouped. */
export type Grouping = 'question word' | 'answer length' | 'context length' | 'answer position' | 'impossible';

const IMPOSSIBLE = 'no answer';
const WORDS = ['how many', 'how', 'what', 'when', 'where', 'which', 'who', 'why'];
const QUESTION_WORD = /\b(how many|how|what|when|where|which|who|why)(?:m|se)?\b/i;

interface Rule {
  groupOf(record: SquadRecord): string;
  /** In this order, groups without questions left out. */
  groups: string[];
}

const ANSWER_LENGTHS = bins([1, 2, 3, 5, 10], 'words');
const CONTEXT_LENGTHS = bins([1, 50, 100, 150, 250, 500], 'words');
const FIFTHS = ['first fifth', 'second fifth', 'third fifth', 'fourth fifth', 'last fifth'];
const ofAnswer = (groupOf: Rule['groupOf']) => (record: SquadRecord) =>
  record.answers.length === 0 ? IMPOSSIBLE : groupOf(record);

const RULES: Record<Grouping, Rule> = {
  'question word': { groupOf: questionWord, groups: [...WORDS, 'other'] },
  'answer length': {
    groupOf: ofAnswer(({ answers }) => ANSWER_LENGTHS.of(countWords(answers[0].text))),
    groups: [...ANSWER_LENGTHS.names, IMPOSSIBLE],
  },
  'context length': {
    groupOf: ({ context }) => CONTEXT_LENGTHS.of(countWords(context)),
    groups: CONTEXT_LENGTHS.names,
  },
  'answer position': {
    groupOf: ofAnswer(({ answers, context }) => {
      return FIFTHS[Math.min(4, Math.floor((5 * answers[0].answerStart) / Math.max(1, context.length)))];
    }),
    groups: [...FIFTHS, IMPOSSIBLE],
  },
  impossible: { groupOf: ofAnswer(() => 'answerable'), groups: ['answerable', IMPOSSIBLE] },
};

export const GROUPINGS = Object.keys(RULES) as Grouping[];

/**
 * Exact match and F1 of each group. Lengths and positions are those of the first true answer, lengths in words.
 *
 * @example groupMetrics(results, 'question word') // [{ group: 'how many', questions: 12, exact: 75, f1: 80.1 }, …]
 */
export function groupMetrics(results: QuestionResult[], grouping: Grouping): GroupMetrics[] {
  const { groupOf, groups } = RULES[grouping];
  const byGroup = new Map(groups.map((group) => [group, [] as QuestionResult[]]));
  for (const result of results) byGroup.get(groupOf(result.record))!.push(result);
  const percent = (members: QuestionResult[], of: 'exact' | 'f1') =>
    (100 * members.reduce((sum, result) => sum + result[of], 0)) / members.length;
  return [...byGroup]
    .filter(([, members]) => members.length > 0)
    .map(([group, members]) => {
      return { group, questions: members.length, exact: percent(members, 'exact'), f1: percent(members, 'f1') };
    });
}

/** The word that asks: the first of them in the question; "other" without one. */
function questionWord({ question }: SquadRecord): string {
  return QUESTION_WORD.exec(question.replace(/\s+/g, ' '))?.[1].toLowerCase() ?? 'other';
}

function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

/** Ranges of whole numbers that begin at `from`, the last one open. */
function bins(from: number[], unit: string) {
  const names = from.map((low, i) => {
    const high = from[i + 1] - 1;
    if (Number.isNaN(high)) return `${low} ${unit} or more`;
    return low === high ? `${low} ${low === 1 ? unit.replace(/s$/, '') : unit}` : `${low} to ${high} ${unit}`;
  });
  const of = (value: number) => names[Math.max(0, from.filter((low) => low <= value).length - 1)];
  return { names, of };
}
