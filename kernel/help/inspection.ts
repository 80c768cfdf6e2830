// Help with a name, or with the arguments of a call: types, documentation as it was written, and on demand the source.
import type typescript from 'typescript';
import type { Content } from '../wire/message';
import type { CellSources } from './cell-sources';
import type { CellLanguage } from './language';
import { toUnits } from './positions';

/** What help there is. */
interface Help {
  signature: string;
  documentation: string;
  source?: string;
}

/** What is said of a name that nobody declared. */
const NOTHING = /^any$|\bunresolved\b/;

/** Before the name of a type. */
const TYPE = 'type __kernel_help = ';

const MAX_SOURCE_LINES = 200;

/** The content of `inspect_reply`; `detail` 1 asks for the source, too. */
export function inspect(
  language: CellLanguage,
  cells: CellSources,
  code: string,
  cursor: number,
  detail: number,
): Content {
  const help = findHelp(language, cells, code, toUnits(code, cursor), detail > 0);
  if (!help) return { status: 'ok', found: false, data: {}, metadata: {} };
  const { signature, documentation, source } = help;
  const parts = [inFence(signature), documentation, source && `Source:\n\n${inFence(source)}`];
  const data = {
    'text/plain': [signature, documentation, source].filter(Boolean).join('\n\n'),
    'text/markdown': parts.filter(Boolean).join('\n\n'),
  };
  return { status: 'ok', found: true, data, metadata: {} };
}

/** Of the name at the cursor; else of the call that the cursor is in; else of the name before it. */
function findHelp(
  language: CellLanguage,
  cells: CellSources,
  code: string,
  cursor: number,
  withSource: boolean,
): Help | undefined {
  const isWord = (at: number) => /[\p{ID_Continue}$]/u.test(code.charAt(at));
  const named = (at: number) => ofName(language, cells, code, at, withSource);
  if (isWord(cursor) || isWord(cursor - 1)) {
    const help = named(isWord(cursor) ? cursor : cursor - 1);
    if (help) return help;
  }
  const call = language.signature(code, cursor);
  if (call) return ofCall(call);
  const before = /[\p{ID_Continue}$](?=[^\p{ID_Continue}$]*$)/u.exec(code.slice(0, cursor));
  return before ? named(before.index) : undefined;
}

function ofName(
  language: CellLanguage,
  cells: CellSources,
  code: string,
  at: number,
  withSource: boolean,
): Help | undefined {
  const info = language.quickInfo(code, at);
  const signature = join(info?.displayParts);
  // what nobody declared is any
  if (!info || signature === '' || NOTHING.test(signature))
    return code.startsWith(TYPE) ? undefined : ofType(language, cells, code, at, withSource);
  const { documentation, source } = declarationOf(language, cells, code, at);
  return {
    signature,
    documentation: describe(info.documentation, info.tags) || documentation,
    source: withSource ? source : undefined,
  };
}

/** A type that stands where only a value may, as it does in a cell that asks for no more than its help. */
function ofType(
  language: CellLanguage,
  cells: CellSources,
  code: string,
  at: number,
  withSource: boolean,
): Help | undefined {
  const name = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, at))![0] + /^[\p{ID_Continue}$]*/u.exec(code.slice(at))![0];
  return ofName(language, cells, `${TYPE}${name}`, TYPE.length, withSource);
}

/** What a declaration says where it stands: in a file, or in a cell that ran. */
function declarationOf(language: CellLanguage, cells: CellSources, code: string, at: number) {
  const place = language.source(code, at);
  if (!place) return { documentation: '' };
  const cell = language.isOfCells(place.file) ? cells.find(place.name, place.holder) : undefined;
  if (cell) return { documentation: cell.documentation, source: shorten(cell.text) };
  return { documentation: '', source: place.file.endsWith('.d.ts') ? undefined : shorten(place.text) };
}

/** The signature with the argument that is being written, and its documentation first. */
function ofCall({ items, selectedItemIndex, argumentIndex }: typescript.SignatureHelpItems): Help {
  const item = items[selectedItemIndex];
  const parameters = item.parameters.map(({ displayParts }) => join(displayParts));
  const [prefix, separator, suffix] = [
    item.prefixDisplayParts,
    item.separatorDisplayParts,
    item.suffixDisplayParts,
  ].map(join);
  const current = item.parameters[Math.min(argumentIndex, item.parameters.length - 1)] as
    typescript.SignatureHelpParameter | undefined;
  const own = current && `\`${join(current.displayParts)}\` ${join(current.documentation)}`.trim();
  const more = items.length > 1 ? `(${selectedItemIndex + 1} of ${items.length} signatures)` : '';
  return {
    signature: `${prefix}${parameters.join(separator)}${suffix}`,
    documentation: [own, more, describe(item.documentation, item.tags)].filter(Boolean).join('\n\n'),
  };
}

type Parts = { text: string }[] | undefined;

function describe(documentation: Parts, tags: { name: string; text?: Parts }[] = []): string {
  return [join(documentation), ...tags.map(describeTag)].filter(Boolean).join('\n\n');
}

function describeTag({ name, text }: { name: string; text?: Parts }): string {
  const words = join(text);
  if (name === 'example') return `Example:\n${inFence(words)}`;
  return `*@${name}* ${words}`;
}

function inFence(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``;
}

function shorten(source: string): string {
  const lines = source.split('\n');
  return lines.length > MAX_SOURCE_LINES ? [...lines.slice(0, MAX_SOURCE_LINES), '…'].join('\n') : source;
}

function join(parts: Parts): string {
  return (parts ?? []).map((part) => part.text).join('');
}
