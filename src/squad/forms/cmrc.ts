// CMRC 2018 as it was handed out: `context_text`, `query_text`, and answers without places.
import { type Json, isObject } from '../loose';
import type { SquadRecord } from '../record';
import { paragraphsOf } from '../write';
import type { Form } from './form';
import { nestedQuestions } from './nested';

export const cmrc: Form = {
  name: 'cmrc',
  title: 'CMRC 2018, raw (`context_text`, `query_text`, answers as texts)',
  matches: ({ value }) => isObject(value) && 'context_text' in value && Array.isArray(value.qas),
  questions: nestedQuestions,
  write: (records) => {
    const texts = paragraphsOf(records).map(({ title, context, records: inside }, i) => ({
      context_id: `TEXT_${i}`,
      title,
      context_text: context,
      qas: inside.map(question),
    }));
    return `${JSON.stringify(texts, null, 1)}\n`;
  },
  ending: 'json',
};

function question({ id, question, answers, isUnlabelled }: SquadRecord): Json {
  return { query_id: id, query_text: question, ...(!isUnlabelled && { answers: answers.map(({ text }) => text) }) };
}
