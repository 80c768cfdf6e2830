// Labels of marked parts: where those of a file tell several kinds apart, only what is labelled as an answer is one.
import { type LooseAnswer, isBlank } from '../loose';
import type { Problem } from '../problem';
import { shown } from '../shown';
import type { TypedAnswer, TypedQuestion } from '../typed';

/** What people call the label of answers, in the languages of our tables; `Answer 2` is one, too. */
const ANSWER =
  /^(?:(?:the )?(?:(?:gold|correct|true|right|short|final) )?(?:answers?|ans)(?: (?:span|text))?|antwort(?:en)?|respuestas?|r[ée]ponses?|rispost[ae]|respostas?|antwoord(?:en)?|svar|vastaus|odpowied[źz]|odpov[ěe][dď]|válasz|răspuns|απάντηση|ответы?|відповідь|cevap|yan[ıi]t|jawaban|câu trả lời|الإجابة|إجابة|الجواب|جواب|תשובה|उत्तर|คำตอบ|答案|回答|答え|解答|정답|답변|답)(?: ?\d+)?$/iu;

/** How many labels are listed. */
const MOST = 12;

/** Whether a label says that what it marks is an answer. */
export const isAnswerLabel = (label: string) => ANSWER.test(label.replace(/[\s_-]+/g, ' ').trim());

/** The labels of a marked part: a text, or a list of them. */
export function labelsOf(...given: unknown[]): Pick<LooseAnswer, 'labels'> {
  const labels = given.flat().filter((label): label is string => typeof label === 'string' && !isBlank(label));
  return labels.length > 0 ? { labels } : {};
}

/**
 * The questions without what is marked as something else than an answer. Where no label is a name for answers, all that is marked
 * stays, and `problems` says which labels there are.
 */
export function answersByLabel(all: TypedQuestion[], problems: Problem[]): TypedQuestion[] {
  const counts = countLabels(all);
  if (counts.size < 2) return all;
  const [names, others] = [true, false].map((wanted) => [...counts].filter(([label]) => isAnswerLabel(label) === wanted));
  if (others.length === 0) return all;
  problems.push({ kind: 'other labels', path: 'the file', what: saying(names, others), remedy: 'kept' });
  return names.length === 0 ? all : all.map((question) => withoutOthers(question, names[0][0], problems));
} // prettier-ignore

function countLabels(questions: TypedQuestion[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { answers, isImpossible, plausible } of questions)
    for (const { labels = [] } of isImpossible ? plausible : (answers ?? []))
      for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

function saying(names: [string, number][], others: [string, number][]): string {
  const list = (labels: [string, number][]) =>
    labels.slice(0, MOST).map(([label, count]) => `${shown(label)} (${count})`).join(', ') + (labels.length > MOST ? ', …' : ''); // prettier-ignore
  if (names.length > 0)
    return `of what is marked, only what is labelled ${list(names)} is an answer; not used: ${list(others)}`;
  return `what is marked has ${others.length} labels, none of them a name for answers: ${list(others)}; all of it counts as answers: if some is none, take it out, or call the label of the answers "Answer"`;
}

const isAnswer = ({ labels }: TypedAnswer) => labels === undefined || labels.some(isAnswerLabel);

function withoutOthers(question: TypedQuestion, name: string, problems: Problem[]): TypedQuestion {
  const { path, answers, plausible } = question;
  const left = { ...question, answers: answers?.filter(isAnswer), plausible: plausible.filter(isAnswer) };
  if (answers === undefined || answers.length === 0 || left.answers!.length > 0) return left;
  const what = `nothing of what is marked is labelled ${shown(name)}: the question will count as impossible`;
  problems.push({ kind: 'no answer', path, what, remedy: 'kept', question: path });
  return { ...left, isImpossible: true };
}
