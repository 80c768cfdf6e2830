// config.json as text: Python tells 2.0 from 2 and refuses the one in the place of the other, JavaScript does not.
const FLOAT = /"((?:[^"\\]|\\.)*)"\s*:\s*-?\d+(?:\.0+|(?:\.\d+)?[eE][+-]?\d+)(?=\s*[,}\]])/g;

/**
 * The fields of a JSON text that hold a whole number written as a float.
 *
 * @example floatFields('{"dropout": 0.0, "layers": 2}') // ['dropout']
 */
export function floatFields(text: string): string[] {
  return [...new Set([...text.matchAll(FLOAT)].map(([, field]) => field))];
}

/**
 * The text of config.json, in which whole numbers of those fields are floats again.
 *
 * @example configText({ dropout: 0 }, ['dropout']) // '{\n  "dropout": 0.0\n}\n'
 */
export function configText(config: Record<string, unknown>, floats: string[] = []): string {
  const text = JSON.stringify(config, null, 2);
  const lines = text.split('\n').map((line) => {
    const [, field, rest] = /^\s*"((?:[^"\\]|\\.)*)": -?\d+(,?)$/.exec(line) ?? [];
    if (field === undefined || !floats.includes(field)) return line;
    return `${line.slice(0, line.length - rest.length)}.0${rest}`;
  });
  return `${lines.join('\n')}\n`;
}
