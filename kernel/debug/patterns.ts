// Texts as V8 takes them for patterns.

/** A pattern of just this text. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
