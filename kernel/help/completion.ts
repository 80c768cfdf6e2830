// Names that could stand where somebody is typing.
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';
import type { Content } from '../wire/message';
import type { CellLanguage } from './language';
import { toCodePoints, toUnits } from './positions';

/** What front ends call the kinds of names, for their icons. */
const KINDS: Record<string, string> = {
  const: 'instance',
  let: 'instance',
  var: 'instance',
  'local var': 'instance',
  parameter: 'instance',
  alias: 'module',
  function: 'function',
  'local function': 'function',
  method: 'function',
  construct: 'function',
  call: 'function',
  class: 'class',
  'local class': 'class',
  interface: 'interface',
  type: 'type',
  enum: 'enum',
  'enum member': 'field',
  property: 'property',
  getter: 'property',
  setter: 'property',
  index: 'property',
  module: 'module',
  'external module name': 'module',
  directory: 'path',
  script: 'path',
  keyword: 'keyword',
  string: 'text',
};

/** What every function has: of a function that has more, that is wanted first. */
const OF_FUNCTIONS = new Set(Object.getOwnPropertyNames(Function.prototype).concat('prototype'));

/** The content of `complete_reply`. */
export function complete(language: CellLanguage, code: string, cursor: number): Content {
  const position = toUnits(code, cursor);
  const found = language.complete(code, position);
  const entries = found ? ranked(found, code, position) : [];
  // all that is offered takes the place of the same text
  const { start, end } = entries[0]?.span ?? { start: position, end: position };
  const offered = entries.filter(({ span }) => span.start === start);
  const place = { start: toCodePoints(code, start), end: toCodePoints(code, end) };
  return {
    status: 'ok',
    matches: offered.map(({ name }) => name),
    cursor_start: place.start,
    cursor_end: place.end,
    metadata: {
      _jupyter_types_experimental: offered.map(({ name, kind }) => ({
        text: name,
        type: KINDS[kind] ?? kind,
        ...place,
      })),
    },
  };
}

interface Offer {
  name: string;
  kind: string;
  span: { start: number; end: number };
  rank: string;
}

/** The names that go on with what is typed; those that only hold it where none does. */
function ranked(found: typescript.CompletionInfo, code: string, position: number): Offer[] {
  const span = spanOf(found, code, position);
  const isFunction = ['apply', 'bind', 'call'].every((name) => found.entries.some((entry) => entry.name === name));
  const offers = found.entries.map((entry): Offer => {
    const late = isFunction && OF_FUNCTIONS.has(entry.name) ? '1' : '0';
    const own = entry.replacementSpan && {
      start: entry.replacementSpan.start,
      end: Math.max(ends(entry.replacementSpan), position),
    };
    return { name: entry.name, kind: entry.kind, span: own ?? span, rank: `${late}${entry.sortText}` };
  });
  offers.sort((one, other) => compare(one.rank, other.rank) || compare(one.name, other.name));
  const typed = (offer: Offer) => code.slice(offer.span.start, position);
  const ways: ((offer: Offer) => boolean)[] = [
    (offer) => offer.name.startsWith(typed(offer)),
    (offer) => offer.name.toLowerCase().startsWith(typed(offer).toLowerCase()),
    (offer) => offer.name.toLowerCase().includes(typed(offer).toLowerCase()),
  ];
  const unique = offers.filter((offer, i) => offers.findIndex(({ name }) => name === offer.name) === i);
  return ways.map((way) => unique.filter(way)).find((some) => some.length > 0) ?? [];
}

/** What a completion replaces: the word or the string that the cursor is in. */
function spanOf({ optionalReplacementSpan: given }: typescript.CompletionInfo, code: string, position: number) {
  if (given) return { start: given.start, end: ends(given) };
  const before = /[\p{ID_Continue}$#]*$/u.exec(code.slice(0, position))![0].length;
  return { start: position - before, end: position };
}

function ends({ start, length }: typescript.TextSpan): number {
  return ts.textSpanEnd({ start, length });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
