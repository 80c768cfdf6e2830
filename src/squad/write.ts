// Records back into a file in SQuAD format.
import { writeAtomically } from '../staged-file';
import { toCodePoints } from './code-points';
import type { Answer, SquadRecord } from './record';
import type { SquadAnswer, SquadFile, SquadQuestion } from './schema';

/**
 * The records as SQuAD v2 has them: neighbours of one title make an article, neighbours of one context a paragraph.
 *
 * @example JSON.stringify(toSquad(readSquadRecords('dev.json')))
 */
export function toSquad(records: SquadRecord[]): SquadFile {
  const data: SquadFile['data'] = [];
  for (const record of records) {
    if (data.at(-1)?.title !== record.title) data.push({ title: record.title, paragraphs: [] });
    const { paragraphs } = data.at(-1)!;
    if (paragraphs.at(-1)?.context !== record.context) paragraphs.push({ context: record.context, qas: [] });
    paragraphs.at(-1)!.qas.push(toQuestion(record));
  }
  return { version: 'v2.0', data };
}

function toQuestion(record: SquadRecord): SquadQuestion {
  const { id, question, context, answers, plausibleAnswers, isImpossible, isUnlabelled } = record;
  const write = ({ text, answerStart }: Answer): SquadAnswer => ({
    text,
    answer_start: toCodePoints(context, answerStart),
  });
  // without a label it has no list of answers: an empty one would say that there are none
  const plausible = plausibleAnswers.length > 0 && { plausible_answers: plausibleAnswers.map(write) };
  if (isUnlabelled) return { id, question, ...plausible } as SquadQuestion;
  return { id, question, answers: answers.map(write), is_impossible: isImpossible, ...plausible };
}

/** Neighbours of one title and one context. */
export interface Paragraph {
  title: string;
  context: string;
  records: SquadRecord[];
}

/** The records by their texts, in their order. */
export function paragraphsOf(records: SquadRecord[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const record of records) {
    const { title, context } = record;
    const last = paragraphs.at(-1);
    if (last?.title === title && last.context === context) last.records.push(record);
    else paragraphs.push({ title, context, records: [record] });
  }
  return paragraphs;
}

/** Writes records to a file in SQuAD format. @throws FileError */
export function writeSquad(file: string, records: SquadRecord[]): void {
  writeAtomically(file, `${JSON.stringify(toSquad(records), null, 1)}\n`);
}
