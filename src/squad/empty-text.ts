// Whether a text holds anything that could be read.

/** Spaces, control characters, and what Unicode lets programs ignore: no width, joiners, fillers, marks of direction. */
const NOTHING = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u;

/**
 * Empty to an eye. Tokenizers drop most of it, and a model would be sure that the answer to every question is nothing.
 *
 * @example isEmptyText('\u200b\n') // true
 */
export function isEmptyText(text: string): boolean {
  return NOTHING.test(text);
}
