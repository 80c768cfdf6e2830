// KorQuAD 2: an article is one text, and a question has one answer, with a place in the text and one in the page.
import { toCodePoints } from '../code-points';
import { type Json, isObject } from '../loose';
import type { SquadRecord } from '../record';
import { paragraphsOf } from '../write';
import type { Form } from './form';
import { nestedQuestions } from './nested';

export const korquad: Form = {
  name: 'korquad2',
  title: 'KorQuAD 2.0 and 2.1 (one `answer` object for each question)',
  matches: ({ value }) => isObject(value) && Array.isArray(value.qas) && 'raw_html' in value,
  questions: nestedQuestions,
  write: (records) => {
    const data = paragraphsOf(records).map(({ title, context, records: inside }) => ({ title, url: '', raw_html: '', context, qas: inside.map(question) })); // prettier-ignore
    return `${JSON.stringify({ version: 'KorQuAD_2.0', data }, null, 1)}\n`;
  },
  ending: 'json',
};

function question({ id, question, context, answers: [first], isUnlabelled }: SquadRecord): Json {
  if (isUnlabelled) return { id, question };
  if (first === undefined) return { id, question, answer: null };
  const start = toCodePoints(context, first.answerStart);
  return {
    id,
    question,
    answer: { text: first.text, answer_start: start, html_answer_start: -1, html_answer_text: '' },
  };
}
