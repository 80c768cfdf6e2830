// What a form could not hold: a written file is read again, and what comes back is compared with what was written.
import type { Form } from './forms/form';
import { importBytes } from './import';
import type { SquadRecord } from './record';
import { counted } from '../counted';

const textsOf = ({ answers }: SquadRecord) => answers.map(({ text }) => text);
const distinct = (texts: string[]) => [...new Set(texts)];

/**
 * A phrase for each thing that whoever reads the file will not have.
 *
 * @param text The file, as `form` wrote it.
 * @example lostIn(cmrc, records, cmrc.write(records)) // ['the places of 2 answers: the first with the same words counts']
 */
export function lostIn(form: Form, records: SquadRecord[], text: string): string[] {
  const again = importBytes(Buffer.from(text), `written.${form.ending}`, { keepIds: true }).records;
  if (again.length !== records.length) return [counted(records.length - again.length, 'question')];
  let [titles, spaces, answers, places] = [0, 0, 0, 0];
  records.forEach((record, i) => {
    const other = again[i];
    titles += Number(record.title !== other.title);
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
    ...(titles > 0 ? [`the titles of ${counted(titles, 'question')}`] : []),
    ...(spaces > 0 ? [`spaces in the texts of ${counted(spaces, 'question')}`] : []),
    ...(answers > 0 ? [counted(answers, 'further answer')] : []),
    ...(places > 0 ? [`the places of ${counted(places, 'answer')}: another one with the same words counts`] : []),
  ];
}
