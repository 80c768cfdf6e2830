// Questions as a person writes them by hand: texts with their questions below, in a plain text file.
import { createHash } from 'node:crypto';
import { readText } from '../text-file';
import { SquadError } from './errors';
import type { Answer, SquadRecord } from './record';

const LINE = /^([?!]) ([^]*?\?)(?: = ([^]*?)(?: @(\d+))?)?$/;
const isLetter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/**
 * Reads a file of texts. `# Title` begins one, the next line is the text, and each line below it a question: `? question = answer` where
 * the text answers it, `! question = what one might take for the answer` where it does not. `@2` after an answer means the second
 * place where its words stand.
 *
 * @throws FileError; SquadError `E_SQUAD_QUESTION` with file and line
 * @example readQuestionText('data/workshop/everyday/held-out.txt')
 */
export function readQuestionText(path: string): SquadRecord[] {
  const records: SquadRecord[] = [];
  let title = '';
  let context = '';
  for (const [index, line] of readText(path).split('\n').entries()) {
    const fail = (problem: string) => new SquadError('E_SQUAD_QUESTION', `${path}, line ${index + 1}: ${problem}`);
    if (line.trim() === '') continue;
    if (line.startsWith('# ')) [title, context] = [line.slice(2), ''];
    else if (!/^[?!] /.test(line)) {
      if (title === '' || context !== '') throw fail('a text needs a title of its own above it, "# Title"');
      context = line;
    } else records.push(readQuestion(line, title, context, fail));
  }
  return records;
}

function readQuestion(
  line: string,
  title: string,
  context: string,
  fail: (problem: string) => SquadError,
): SquadRecord {
  const [, kind, question, text, place] = LINE.exec(line) ?? [];
  if (question === undefined || context === '')
    throw fail('a question stands below its text, as "? question? = answer"');
  const isImpossible = kind === '!';
  if (text === undefined && !isImpossible) throw fail('a question that begins with ? needs " = answer"');
  const found = text === undefined ? [] : [findAnswer(context, text, Number(place ?? 1), fail)];
  return {
    id: createHash('sha256').update(`${title}\n${context}\n${question}`).digest('hex').slice(0, 24),
    title,
    context,
    question,
    answers: isImpossible ? [] : found,
    plausibleAnswers: isImpossible ? found : [],
    isImpossible,
  };
}

/** The `place`-th time that the text stands in the context as whole words. */
function findAnswer(context: string, text: string, place: number, fail: (problem: string) => SquadError): Answer {
  let count = 0;
  for (let at = context.indexOf(text); at >= 0; at = context.indexOf(text, at + 1)) {
    const isWhole = !isLetter(context[at - 1]) && !isLetter(context[at + text.length]);
    if (isWhole && ++count === place) return { text, answerStart: at };
  }
  throw fail(`"${text}" stands ${count} times in the text, not ${place}`);
}
