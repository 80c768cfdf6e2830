// A word of a command line that somebody will copy.

/** As a shell reads it as one word: in quotes where that is needed. @example inShell('my file.csv') // "'my file.csv'" */
export function inShell(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
