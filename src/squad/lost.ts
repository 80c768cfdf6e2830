// What a form could not hold: a written file is read again, and what comes back is compared with what was written.
import { importBytes } from './import';
import type { Answer, SquadRecord } from './record';
import { counted } from '../counted';

const textsOf = ({ answers }: SquadRecord) => answers.map(({ text }) => text);
const distinct = (texts: string[]) => [...new Set(texts)];

/**
 * A phrase for each thing that whoever reads the file will not have.
 *
 * @param file The name that it is read under: its ending says whether it is a table.
 * @param text The file, as a form wrote it.
 * @example lostIn('written.json', records, cmrc.write(records)) // ['the places of 2 answers: the first with the same words counts']
 */
export function lostIn(file: string, records: SquadRecord[], text: string): string[] {
  const again = importBytes(Buffer.from(text), file, { keepIds: true }).records;
  if (again.length !== records.length) return [counted(records.length - again.length, 'question')];
  let [titles, spaces, answers, places] = [0, 0, 0, 0];
  records.forEach((record, i) => {
    const other = again[i];
    titles += Number(record.title !== '' && record.title !== other.title);
    spaces += Number(record.context !== other.context);
    const [wanted, found] = [textsOf(record), textsOf(other)];
    const missing = distinct(wanted).filter((one) => !found.includes(one));
    answers += record.context === other.context ? missing.length : Math.max(0, wanted.length - found.length);
    const starts = other.answers.map(({ answerStart }) => answerStart);
    if (record.context === other.context) {
      places += record.answers.filter(({ text: one, answerStart }) => !missing.includes(one) && !starts.includes(answerStart)).length; // prettier-ignore
    }
  });
  return [
    ...lostLabels(records, again),
    ...(titles > 0 ? [`the titles of ${counted(titles, 'question')}`] : []),
    ...(spaces > 0 ? [`spaces in the texts of ${counted(spaces, 'question')}`] : []),
    ...furtherPhrase(answers),
    ...(places > 0 ? [`the places of ${counted(places, 'answer')}: another one with the same words counts`] : []),
  ];
}

/**
 * The same of a table with an answer for each row, which need not be read again: what it has no column for is known.
 *
 * @param isLines Whether each row has its own fields, as in JSON Lines.
 */
export function lostInTable(records: SquadRecord[], isLines: boolean): string[] {
  const open = records.filter(({ isUnlabelled }) => isUnlabelled).length;
  const further = records.reduce((sum, { answers }) => sum + Math.max(0, answers.length - 1), 0);
  return [...(isLines || open === records.length ? [] : openPhrase(open)), ...furtherPhrase(further)];
}

const openPhrase = (count: number) =>
  count > 0 ? [`that ${counted(count, 'question')} ${count === 1 ? 'has' : 'have'} no label, which reads as impossible (leave out what has none, or use --to rows or squad)`] : []; // prettier-ignore

const furtherPhrase = (count: number) => (count > 0 ? [counted(count, 'further answer')] : []);

/** What was known of questions without an answer. */
function lostLabels(records: SquadRecord[], again: SquadRecord[]): string[] {
  const open = records.filter(({ isUnlabelled }, i) => isUnlabelled === true && !again[i].isUnlabelled).length;
  const known = records.filter(({ isUnlabelled }, i) => !isUnlabelled && again[i].isUnlabelled === true).length;
  const isThere = ({ text, answerStart }: Answer, { plausibleAnswers }: SquadRecord) =>
    plausibleAnswers.some((other) => other.text === text && other.answerStart === answerStart);
  const plausible = records.reduce((sum, record, i) => sum + record.plausibleAnswers.filter((one) => !isThere(one, again[i])).length, 0); // prettier-ignore
  return [
    ...openPhrase(open),
    ...(known > 0 ? [`the labels of ${counted(known, 'question')}`] : []),
    ...(plausible > 0 ? [`${counted(plausible, 'plausible answer')} (--to rows and squad keep them)`] : []),
  ];
}
