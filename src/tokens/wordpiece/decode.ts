// Pieces back to text.

/** English that was taken apart, in the order that the reference puts it together again, token by token. */
const CLEANUP: [apart: string, together: string][] = [
  [' .', '.'], [' ?', '?'], [' !', '!'], [' ,', ','], [" ' ", "'"], [" n't", "n't"], [" 'm", "'m"],
  [' do not', " don't"], [" 's", "'s"], [" 've", "'ve"], [" 're", "'re"],
]; // prettier-ignore

/**
 * Source: the `WordPiece` decoder of the Rust crate tokenizers.
 *
 * @example decodePieces(['un', '##able', '.'], '##', true) // 'unable.'
 */
export function decodePieces(tokens: string[], prefix: string, cleanup: boolean): string {
  const parts = tokens.map((token, i) => {
    const part = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
    return cleanup ? CLEANUP.reduce((text, [apart, together]) => text.replaceAll(apart, together), part) : part;
  });
  return parts.join('');
}
