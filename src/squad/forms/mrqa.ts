// MRQA 2019: JSON Lines, a header first, every place of an answer in `detected_answers`.
import { toCodePoints } from '../code-points';
import { type Json, type LooseQuestion, isObject } from '../loose';
import type { SquadRecord } from '../record';
import { paragraphsOf } from '../write';
import { answersOf } from './answers';
import type { Form, Reading, SourceRow } from './form';

export const mrqa: Form = {
  name: 'mrqa',
  title: 'MRQA 2019 (JSON Lines with a header, `detected_answers` with `char_spans`)',
  matches: ({ value }) =>
    isObject(value) && (isObject(value.header) || (Array.isArray(value.qas) && value.qas.some((one) => isObject(one) && 'detected_answers' in one))), // prettier-ignore
  takes: ({ value }) => isObject(value) && Array.isArray(value.qas),
  questions,
  write: (records) => {
    const lines = paragraphsOf(records).map(({ context, records: inside }, i) => ({ id: `${i}`, context, qas: inside.map(question) })); // prettier-ignore
    return [{ header: { dataset: 'spanlab', split: 'data' } }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''); // prettier-ignore
  },
  ending: 'jsonl',
};

function* questions(rows: SourceRow[], { problems }: Reading): Generator<LooseQuestion> {
  for (const { value, path, number } of rows) {
    if (isObject(value) && 'header' in value && !('qas' in value)) continue;
    const { context, qas } = isObject(value) ? value : ({} as Json);
    if (!Array.isArray(qas)) {
      problems.push({
        kind: 'format',
        path: `${path}, qas`,
        what: 'a list of questions was expected',
        remedy: 'left out',
      });
      continue;
    }
    for (const [i, qa] of qas.entries()) {
      const place = `${path}, qas[${i}]`;
      if (isObject(qa))
        yield { ...asked(qa, place), context, title: `text ${number}`, contextPath: `${path}, context` };
      else problems.push({ kind: 'format', path: place, what: 'a question was expected', remedy: 'left out' });
    }
  }
}

function asked(qa: Json, path: string): Omit<LooseQuestion, 'context' | 'title' | 'contextPath'> {
  const { qid, id, question, answers, detected_answers: detected } = qa;
  const places = answersOf({ answers: detected }, path);
  // an answer stands wherever it was found; its texts alone are looked for
  const found = places !== undefined && places.length > 0 ? places : answersOf({ answers }, path);
  return { path, id: qid ?? id, question, answers: found, isImpossible: qa.is_impossible };
}

function question({ id, question, context, answers, isUnlabelled }: SquadRecord): Json {
  if (isUnlabelled) return { qid: id, question };
  const detected = [...new Set(answers.map(({ text }) => text))].map((text) => {
    const starts = answers.filter((answer) => answer.text === text).map(({ answerStart }) => toCodePoints(context, answerStart)); // prettier-ignore
    return { text, char_spans: starts.map((start) => [start, start + Array.from(text).length - 1]) };
  });
  return { qid: id, question, answers: detected.map(({ text }) => text), detected_answers: detected };
}
