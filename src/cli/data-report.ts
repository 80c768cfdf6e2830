// What is said on stderr about a file of questions: what it is, and what was changed.
import type { ImportedData } from '../squad/import';
import { isError } from '../squad/own-data';
import { type KindCount, type Problem, countProblems } from '../squad/problem';
import { say } from '../terminal';

/** How many problems are listed; of more, the first of each kind. */
const SHOWN = 20;
const OF_A_KIND = 3;

/** Says what a file was read as, where it is not what everybody has, and what is wrong with it, errors first. */
export function printProblems(
  { form, problems }: Pick<ImportedData, 'form' | 'problems'>,
  verb: 'found' | 'done',
): void {
  if (!['squad', 'table'].includes(form.name)) say(`read as: ${form.title}`);
  for (const line of problemLines(problems, verb)) say(line.replace(/[\r\n]+/g, ' '));
}

/** A line for each problem; of many, some of each kind and how many more there are. */
export function problemLines(problems: Problem[], verb: 'found' | 'done'): string[] {
  const sorted = [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))];
  const line = (problem: Problem) => `${problem.path}: ${lookOf(problem)}${problem.what}${remedyOf(problem, verb)}`;
  if (sorted.length <= SHOWN) return sorted.map(line);
  return countProblems(sorted).flatMap((count) => {
    const ofKind = sorted.filter(({ kind }) => kind === count.kind);
    const more = ofKind.length - OF_A_KIND;
    return [...ofKind.slice(0, OF_A_KIND).map(line), ...(more > 0 ? [`and ${more} more: ${summary(count, verb)}`] : [])];
  });
} // prettier-ignore

const PLAIN = ['no label', 'encoding', 'unused field'];
const lookOf = ({ remedy, kind }: Problem) => (remedy === 'kept' && !PLAIN.includes(kind) ? 'worth a look: ' : '');

function remedyOf({ remedy }: Problem, verb: 'found' | 'done'): string {
  if (remedy === 'kept') return '';
  if (verb === 'done') return remedy === 'mended' ? ' (corrected)' : ` (${remedy})`;
  return remedy === 'mended' ? ' (can be corrected)' : '';
}

function summary({ kind, mended, leftOut, kept }: KindCount, verb: 'found' | 'done'): string {
  const words = verb === 'done' ? { mended: 'corrected', leftOut: 'left out', kept: 'kept' } : { mended: 'can be corrected', leftOut: 'cannot be used', kept: 'worth a look' }; // prettier-ignore
  const parts = Object.entries({ mended, leftOut, kept }).filter(([, count]) => count > 0);
  return `${kind} (${parts.map(([name, count]) => `${count} ${words[name as keyof typeof words]}`).join(', ')} in all)`;
}
