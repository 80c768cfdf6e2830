// Prodigy: JSON Lines with a text, its spans, and whether the annotator accepted them; the question is a field, or the label.
import { type Json, type LooseQuestion, isObject } from '../loose';
import type { SquadRecord } from '../record';
import type { Form, Reading, SourceRow } from './form';
import { isToDo, placeOf, spanList, spanQuestions } from './spans';

export const prodigy: Form = {
  name: 'prodigy',
  title: 'Prodigy (JSON Lines with `spans` and `answer`: accept, reject or ignore; the question in a field, or as the label)', // prettier-ignore
  matches: ({ value }) =>
    isObject(value) && isDecided(value) && (Array.isArray(value.spans) || '_task_hash' in value || '_input_hash' in value), // prettier-ignore
  takes: ({ value }) => isObject(value) && (isDecided(value) || isToDo(value)),
  questions,
  write: (records) => records.map((record) => `${JSON.stringify(line(record))}\n`).join(''),
  ending: 'jsonl',
};

const isDecided = ({ text, answer }: Json) =>
  typeof text === 'string' && typeof answer === 'string' && /^(?:accept|reject|ignore)$/.test(answer);

function line({ id, title, context, question, answers, isUnlabelled }: SquadRecord): Json {
  // a task that nobody has done yet
  if (isUnlabelled) return { id, title, text: context, question };
  const spans = answers.map((answer) => ({ ...placeOf(context, answer), text: answer.text, label: 'ANSWER' }));
  return { id, title, text: context, question, spans, answer: 'accept' };
}

function* questions(rows: SourceRow[], reading: Reading): Generator<LooseQuestion> {
  for (const row of rows) {
    const { value, path } = row;
    const left = isObject(value) ? whyNot(value) : undefined;
    if (!isObject(value))
      reading.problems.push({ kind: 'format', path, what: 'a task of Prodigy was expected', remedy: 'left out' }); // prettier-ignore
    else if (left !== undefined) reading.problems.push({ kind: 'rejected', path, what: left, remedy: 'left out' });
    else {
      const spans = Array.isArray(value.spans) ? spanList(value.spans) : undefined;
      yield* spanQuestions(row, { value, field: 'spans', spans }, reading);
    }
  }
}

/** Why a task says nothing about its question. */
function whyNot({ answer }: Json): string | undefined {
  if (answer === 'reject') return 'the annotator rejected it ("answer": "reject"): what is marked is no answer';
  return answer === 'ignore' ? 'the annotator skipped it ("answer": "ignore")' : undefined;
}
