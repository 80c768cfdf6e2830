// What a file in SQuAD format looks like, checked field by field.
import * as v from 'valibot';
import { SquadError } from './errors';

const answer = v.object({ text: v.string(), answer_start: v.pipe(v.number(), v.integer()) });
const question = v.object({
  id: v.string(),
  question: v.string(),
  answers: v.array(answer),
  plausible_answers: v.optional(v.array(answer)),
  is_impossible: v.optional(v.boolean()),
});
const paragraph = v.object({ context: v.string(), qas: v.array(question) });
const article = v.object({ title: v.optional(v.string(), ''), paragraphs: v.array(paragraph) });
const file = v.object({ version: v.optional(v.string()), data: v.array(article) });

/** A SQuAD file as JSON has it: positions count Unicode code points. */
export type SquadFile = v.InferOutput<typeof file>;
export type SquadQuestion = v.InferOutput<typeof question>;
export type SquadAnswer = v.InferOutput<typeof answer>;

/**
 * Checks the shape of a parsed file.
 *
 * @throws SquadError `E_SQUAD_SCHEMA` with the path to the first wrong field.
 * @example checkSchema(JSON.parse(text), 'train.json').data.length
 */
export function checkSchema(parsed: unknown, source: string): SquadFile {
  const result = v.safeParse(file, parsed, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const where = path.replace(/^\./, '') || 'the file';
  const advice = 'the format is SQuAD v1.1 or v2.0';
  throw new SquadError(
    'E_SQUAD_SCHEMA',
    `${source}: ${where}: expected ${issue.expected}, found ${issue.received}; ${advice}`,
  );
}
