// Answers as people read them: the question, then each answer with its probability.
import { probability } from '../show/text-table';

/** What is printed of an answer; the empty text says that there is none. */
interface Answer {
  answer: string;
  score: number;
}

/**
 * @example answerText('Who won?', [{ answer: 'Ada', score: 0.92 }]) // 'Who won?\n  Ada   92 %\n'
 */
export function answerText(question: string, answers: Answer[]): string {
  const texts = answers.map(({ answer }) => (answer === '' ? '(no answer)' : answer.replace(/\s+/g, ' ')));
  const width = Math.max(...texts.map((text) => text.length));
  const lines = answers.map(({ score }, i) => `  ${texts[i].padEnd(width)}  ${probability(score).padStart(5)}`);
  return [question.trim(), ...lines, ''].join('\n');
}
