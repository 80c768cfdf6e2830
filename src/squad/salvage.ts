// The questions of a file of which some parts are not in SQuAD's format: those parts are named, the others go on.
import { SquadError } from './errors';
import type { Problem } from './problem';
import type { SquadQuestion } from './schema';
import { checkSchema, isSquadFile } from './schema';

/** A question with what is above it. */
export interface FoundQuestion {
  raw: SquadQuestion;
  title: string;
  context: string;
  /** Such as `data[3].paragraphs[0].qas[2]`. */
  path: string;
}

type Json = Record<string, unknown>;

/**
 * Every question in the format of SQuAD; the rest is added to `problems`.
 *
 * @throws SquadError `E_SQUAD_SCHEMA` when there is no list of articles.
 */
export function* salvage(parsed: unknown, source: string, problems: Problem[]): Generator<FoundQuestion> {
  if (!Array.isArray((parsed as Json | null)?.data)) checkSchema(parsed, source);
  const { data } = parsed as { data: unknown[] };
  for (const [i, article] of data.entries()) {
    const place = `data[${i}]`;
    const title = (article as Json | null)?.title ?? '';
    const { paragraphs } = (article ?? {}) as { paragraphs?: unknown };
    if (typeof title !== 'string' || !Array.isArray(paragraphs)) {
      report(problems, place, { data: [article] });
      continue;
    }
    for (const [j, paragraph] of paragraphs.entries()) {
      yield* questions(paragraph, title, `${place}.paragraphs[${j}]`, problems);
    }
  }
}

function* questions(paragraph: unknown, title: string, place: string, problems: Problem[]): Generator<FoundQuestion> {
  const { context, qas } = (paragraph ?? {}) as { context?: unknown; qas?: unknown };
  if (typeof context !== 'string' || !Array.isArray(qas)) {
    report(problems, place, wrap([paragraph]));
    return;
  }
  for (const [k, raw] of qas.entries()) {
    const path = `${place}.qas[${k}]`;
    const alone = wrap([{ context, qas: [raw] }]);
    if (isSquadFile(alone)) yield { raw: raw as SquadQuestion, title, context, path };
    else report(problems, path, alone);
  }
}

const wrap = (paragraphs: unknown[]) => ({ data: [{ paragraphs }] });

/** In the schema's words, with the path of the file instead of the one of the part. */
function report(problems: Problem[], place: string, part: unknown): void {
  try {
    checkSchema(part, '');
  } catch (error) {
    if (!(error instanceof SquadError)) throw error;
    const [, path = '', what = error.message] = /^: ([^:]*): (.*?);/.exec(error.message) ?? [];
    const inner = path.replace(/^data\[0\](\.paragraphs\[0\])?(\.qas\[0\])?/, '');
    problems.push({ kind: 'format', path: `${place}${inner}`, what, remedy: 'left out' });
  }
}
