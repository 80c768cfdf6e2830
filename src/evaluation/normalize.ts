// Answers made comparable, as the official SQuAD evaluation does it.

// Python's string.punctuation
const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g;
// Python's \b and \w know Unicode, JavaScript's do not; combining marks are no part of a word there
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
// what Python's str.split() splits at; U+FEFF is not among it, but is in JavaScript's \s
const SPACE = /[\t-\r\x1c-\x20\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Lower case, no punctuation, no articles, single spaces. Source: `normalize_answer` of the official evaluate-v2.0.py.
 *
 * @example normalizeAnswer('The  Eiffel Tower!') // 'eiffel tower'
 */
export function normalizeAnswer(text: string): string {
  const plain = text.toLowerCase().replace(PUNCTUATION, '').replace(ARTICLE, ' ');
  return plain.split(SPACE).filter(Boolean).join(' ');
}

/** The words of a normalized answer. */
export function answerWords(text: string): string[] {
  return normalizeAnswer(text).split(' ').filter(Boolean);
}
