// IPython's own commands, which people who come from Python write in cells: an answer that says what to write here.

/** How a command begins, and what does the same in TypeScript. */
const COMMANDS: [pattern: RegExp, advice: (text: string, rest: string) => string][] = [
  [/^%%(html|svg|markdown|latex)\b[^\n]*/, (name, rest) => `display.${DISPLAYS[name]}(${quoted(rest)})`],
  [/^%%(?:bash|sh)\b[^\n]*/, (_, rest) => shell(rest)],
  [/^%%?(?:timeit|time)\b ?([^\n]*)/, (text, rest) => `console.time(); ${text || rest || '…'}; console.timeEnd()`],
  [/^%pip install ([^\n]+)/, (text) => `${shell(`npm install ${text}`)} // or in a terminal`],
  [/^%(?:cd) ([^\n]+)/, (text) => `process.chdir(${quoted(text)})`],
  [/^%(?:pwd)\b/, () => 'process.cwd()'],
  [/^%env ([^\n=]+)/, (text) => `process.env.${text.trim()}`],
  [/^!([^\n]+)/, (text) => shell(text)],
];

const DISPLAYS: Record<string, string> = { html: 'html', svg: 'svg', markdown: 'markdown', latex: 'markdown' };

/** A question about a name, before it or behind. */
const QUESTION = /^\?{1,2}([\w$.]+)$|^([\w$.]+)\?{1,2}$/;

/**
 * What to write in place of the first command of IPython in a cell.
 *
 * @returns nothing where the cell has none
 * @example adviseCommand('!ls') // '`!ls` is a command of IPython. Here it is: …'
 */
export function adviseCommand(code: string): string | undefined {
  const lines = code.split('\n');
  const at = lines.findIndex((line) => /^\s*(?:[!%?]|[\w$.]+\?{1,2}\s*$)/.test(line));
  if (at < 0) return undefined;
  const line = lines[at].trim();
  const name = QUESTION.exec(line);
  if (name) return `for help with ${name[1] ?? name[2]}, put the cursor on it and press Shift-Tab`;
  const rest = lines
    .slice(at + 1)
    .join('\n')
    .trim();
  for (const [pattern, advice] of COMMANDS) {
    const found = pattern.exec(line);
    if (found) return `\`${line}\` is a command of IPython. Here write\n\n    ${advice((found[1] ?? '').trim(), rest)}`;
  }
  return line.startsWith('%') ? `\`${line}\` is a command of IPython, which has no counterpart here` : undefined;
}

function shell(command: string): string {
  return `console.log(require('node:child_process').execSync(${quoted(command)}, { encoding: 'utf8' }))`;
}

/** As a literal that may go over lines. */
function quoted(text: string): string {
  return text.includes('\n') ? `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\`` : `'${text.replace(/[\\']/g, '\\$&')}'`;
}
