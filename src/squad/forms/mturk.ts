// Results of Mechanical Turk: `Input.…` and `Answer.…` columns, an assignment a row, several workers for one question.
import { stringify } from 'csv-stringify/sync';
import { toCodePoints } from '../code-points';
import { type Json, type LooseQuestion, asText, isObject } from '../loose';
import type { SquadRecord } from '../record';
import type { Form, Reading, SourceRow } from './form';
import { printed } from './answers';
import { rowQuestion } from './rows';

export const mturk: Form = {
  name: 'mturk',
  title: "Mechanical Turk's results (workers' answers to one HIT become the answers of one question)",
  matches: ({ value }) =>
    isObject(value) && has(value, 'HITId') && Object.keys(value).some((key) => /^input\./i.test(key)),
  takes: ({ isTable }) => isTable === true,
  questions,
  write: (records) => {
    const hasLabels = records.some(({ isUnlabelled }) => !isUnlabelled);
    return stringify(
      records.flatMap((record) => assignments(record, hasLabels)),
      { header: true },
    );
  },
  ending: 'csv',
};

/** The rows of a question. Where no question has a label there is no column for answers: an empty cell says that there is none. */
function assignments({ id, question, context, answers }: SquadRecord, hasLabels: boolean): Json[] {
  return (answers.length > 0 ? answers : [undefined]).map((answer, i) => ({
    HITId: id,
    AssignmentId: `${id}-${i}`,
    AssignmentStatus: 'Approved',
    'Input.question': question,
    'Input.context': context,
    ...(hasLabels && {
      'Answer.answer': answer?.text ?? '',
      'Answer.answer_start': answer ? toCodePoints(context, answer.answerStart) : '',
    }),
  }));
}

const valueOf = (value: Json, name: string) =>
  value[Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase()) ?? ''];
const has = (value: Json, name: string) => valueOf(value, name) !== undefined;

function* questions(rows: SourceRow[], { names, problems }: Reading): Generator<LooseQuestion> {
  const found = new Map<string, LooseQuestion>();
  for (const row of rows) {
    if (!isObject(row.value)) {
      problems.push({ kind: 'format', path: row.path, what: 'not an object with columns', remedy: 'left out' });
      continue;
    }
    if (/^rejected$/i.test(asText(valueOf(row.value, 'AssignmentStatus')))) {
      problems.push({ kind: 'rejected', path: row.path, what: 'the assignment was rejected', remedy: 'left out' });
      continue;
    }
    const fields = names.standard({ ...row.value, ...taskAnswers(row.value) });
    const hit = asText(valueOf(row.value, 'HITId'));
    const question = rowQuestion(row, { ...fields, id: fields.id ?? hit });
    const key = JSON.stringify([hit, asText(question.question), asText(question.context)]);
    const before = found.get(key);
    if (before === undefined) found.set(key, question);
    else if (question.answers) before.answers = [...(before.answers ?? []), ...question.answers];
  }
  yield* found.values();
}

/** What the newer forms send: `[{"answer": "Ada"}]` in one cell. */
function taskAnswers(value: Json): Json {
  const list = printed(valueOf(value, 'Answer.taskAnswers'));
  const [first] = Array.isArray(list) ? (list as unknown[]) : [];
  return isObject(first)
    ? Object.fromEntries(Object.entries(first).map(([key, inner]) => [`Answer.${key}`, inner]))
    : {};
}
