/** Thrown for a part of a tokenizer.json that the TypeScript tokenizer does not have; the native package may have it. */
export class Unsupported extends Error {}
