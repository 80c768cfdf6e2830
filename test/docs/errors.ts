// `npm run docs:errors`: docs/errors.md, all error codes with what happened and what to do, from the places in the sources that throw them.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../../src/root';

export const ERRORS_FILE = path.join(projectRoot(), 'docs', 'errors.md');
const CODE = /^E_[A-Z][A-Z0-9_]*$/;
const FOLDERS = ['src', 'kernel'];

/** What to do where the message does not say it: it is added where the message is printed, or the message is another's. */
const REMEDIES: Record<string, string> = {
  E_BACKEND_UNAVAILABLE: 'take away the reason that is named, or choose another backend (--backend)',
  E_DOWNLOAD_BUSY: 'try again later',
  E_DOWNLOAD_NETWORK: 'the download goes on where it stopped; after five tries in vain try again later',
  E_MODEL_CONFIG: 'correct the field that is named, or fetch the file again',
  E_MODEL_OFFLINE: 'unset it once, or copy the files into the cache',
  E_NO_INPUT: 'run the notebook where somebody can answer',
  E_PICKLE_: 'fetch the file again, or save it as safetensors in Python',
  E_PUBLISH_HUB: 'read what the hub says, and check the name and the token',
  E_REQUEST: 'send the field that is named as it is described',
  E_SAFETENSORS_: 'fetch the file again, or save it again in Python',
  E_SERVE_ADDRESS: 'choose another --port or --host',
  E_SQUAD_QUESTION: 'correct the line that is named',
};
/** Of the set-up: training goes on without, and the next start tries again. */
const SETUP_REMEDY = 'correct what is named and run the set-up again; what needs it is left out until then';

interface Found {
  code: string;
  room: string;
  /** With `…` for what is only known when it happens. */
  message: string;
}

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    fs
      .readdirSync(path.join(projectRoot(), folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|cjs|mjs)$/.test(name) && !name.includes('node_modules'))
      .map((name) => path.join(folder, name).split(path.sep).join('/')),
  ).sort();
}

const roomOf = (file: string) =>
  file.split('/').length > 2 ? file.split('/').slice(0, 2).join('/') : file.split('/')[0];

/** The codes that a file throws, with their messages. */
export function codesIn(file: string, text: string): Found[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    for (const [codes, message] of throwsAt(node, source)) {
      for (const code of codes) found.push({ code, room: roomOf(file), message: tidy(message) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Codes and messages side by side: arguments of a call, elements of a list, `code` and `message` of an object. */
// eslint-disable-next-line complexity -- one line for each kind of node
function throwsAt(node: ts.Node, source: ts.SourceFile): [codes: string[], message: string][] {
  if (ts.isTemplateExpression(node)) return printed(node, source);
  if (ts.isPropertyDeclaration(node)) return node.initializer ? [[codesOf(node.initializer, source), '…']] : [];
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const found = neighbours(node.arguments ?? [], source);
    const through = ts.isCallExpression(node) ? throughHelper(node, source) : undefined;
    const made = ts.isCallExpression(node) && found.length === 0 ? madeBy(node, source) : [];
    return [...found.map(([codes, message]): [string[], string] => [codes, through ?? message]), ...made];
  }
  if (ts.isArrayLiteralExpression(node)) return neighbours(node.elements, source);
  if (!ts.isObjectLiteralExpression(node)) return [];
  const value = (name: string) => node.properties.find((one): one is ts.PropertyAssignment => ts.isPropertyAssignment(one) && one.name.getText(source) === name)?.initializer; // prettier-ignore
  const [code, message] = [value('code'), value('message')];
  return code && message ? [[codesOf(code, source), render(message, source)]] : [];
}

function neighbours(nodes: readonly ts.Expression[], source: ts.SourceFile): [string[], string][] {
  return nodes.flatMap((node, i): [string[], string][] => {
    const codes = codesOf(node, source);
    const next = nodes.slice(i + 1).find((one) => ts.isStringLiteralLike(one) || ts.isTemplateExpression(one) || ts.isIdentifier(one) || ts.isBinaryExpression(one) || ts.isConditionalExpression(one)); // prettier-ignore
    return codes.length > 0 ? [[codes, next ? render(next, source) : '…']] : [];
  });
}

/** A line that is printed: `error: E_USAGE: …`. */
function printed(node: ts.TemplateExpression, source: ts.SourceFile): [string[], string][] {
  const texts = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ');
  const written = texts.match(/\bE_[A-Z][A-Z0-9_]*/g) ?? [];
  const computed = node.templateSpans.flatMap(({ expression }) => codesOf(expression, source));
  const message = render(node, source).replace(/^.*?(?:E_[A-Z0-9_]+|…): /, '');
  return written.length + computed.length > 0 ? [[[...written, ...computed], message]] : [];
}

/** What a function of the file makes of a code and words that it is called with. */
function throughHelper(call: ts.CallExpression, source: ts.SourceFile): string | undefined {
  const name = ts.isIdentifier(call.expression) ? call.expression.text : undefined;
  const at = call.arguments.findIndex((argument) => codesOf(argument, source).length > 0);
  const helper = name === undefined || at < 0 ? undefined : functionNamed(name, source);
  const parameters = helper?.parameters.map((parameter) => parameter.name.getText(source)) ?? [];
  let message: string | undefined;
  const visit = (node: ts.Node): void => {
    const [code, text] = ts.isNewExpression(node) ? (node.arguments ?? []) : [];
    if (code && text && code.getText(source) === parameters[at]) {
      const words = new Map(parameters.map((parameter, i) => [parameter, call.arguments[i] ? render(call.arguments[i], source) : '…'])); // prettier-ignore
      message ??= render(text, source, 0, words);
    }
    ts.forEachChild(node, visit);
  };
  if (helper) visit(helper);
  return message;
}

/** The errors that a function of the file makes with the words that it is called with. */
function madeBy(call: ts.CallExpression, source: ts.SourceFile): [string[], string][] {
  const helper = ts.isIdentifier(call.expression) ? functionNamed(call.expression.text, source) : undefined;
  const parameters = helper?.parameters.map((parameter) => parameter.name.getText(source)) ?? [];
  const made: [string[], string][] = [];
  const visit = (node: ts.Node): void => {
    const [code, text] = ts.isNewExpression(node) ? (node.arguments ?? []) : [];
    const codes = code ? codesOf(code, source) : [];
    if (codes.length > 0 && text) {
      const words = new Map(parameters.map((parameter, i) => [parameter, call.arguments[i] ? render(call.arguments[i], source) : '…'])); // prettier-ignore
      made.push([codes, render(text, source, 0, words)]);
    }
    ts.forEachChild(node, visit);
  };
  if (helper && parameters.length > 0) visit(helper);
  return made;
}

function functionNamed(name: string, source: ts.SourceFile): ts.FunctionLikeDeclaration | undefined {
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return statement;
    const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
    const arrow = declared.find((one) => one.name.getText(source) === name)?.initializer;
    if (arrow && ts.isArrowFunction(arrow)) return arrow;
  }
  return undefined;
}

/** The codes that an expression may be: itself, one of two, or what a constant of the file holds. */
function codesOf(node: ts.Expression, source: ts.SourceFile): string[] {
  if (ts.isStringLiteralLike(node)) return CODE.test(node.text) ? [node.text] : [];
  if (ts.isConditionalExpression(node)) return [...codesOf(node.whenTrue, source), ...codesOf(node.whenFalse, source)];
  if (ts.isParenthesizedExpression(node)) return codesOf(node.expression, source);
  if (ts.isBinaryExpression(node)) return node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken ? [...codesOf(node.left, source), ...codesOf(node.right, source)] : []; // prettier-ignore
  const constant = ts.isIdentifier(node) ? constantAt(node, source) : undefined;
  return constant && !ts.isArrayLiteralExpression(constant) && !ts.isCallExpression(constant) ? codesOf(constant, source) : []; // prettier-ignore
}

/** What the nearest `const` of that name before a place is set to. */
function constantAt(name: ts.Identifier, source: ts.SourceFile): ts.Expression | undefined {
  let best: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    const isIt = ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name.text;
    if (isIt && node.initializer && node.end < name.pos && isAround(node, name)) best = node.initializer;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return best;
}

/** Whether the block of a declaration holds a place. */
function isAround(declaration: ts.Node, place: ts.Node): boolean {
  let block: ts.Node = declaration;
  while (!ts.isBlock(block) && !ts.isSourceFile(block) && !ts.isCaseClause(block)) block = block.parent;
  return block.pos <= place.pos && place.end <= block.end;
}

/** @param words What stands for the names of parameters. */
function render(node: ts.Expression, source: ts.SourceFile, depth = 0, words?: Map<string, string>): string {
  const inner = (one: ts.Expression) => render(one, source, depth + 1, words);
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return node.text;
  if (ts.isParenthesizedExpression(node)) return inner(node.expression);
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce((text, span) => text + inner(span.expression) + span.literal.text, node.head.text);
  }
  if (ts.isConditionalExpression(node)) {
    const both = [node.whenTrue, node.whenFalse].map(inner);
    return both.includes('…') ? '…' : both.filter((one) => one !== '').join(' / ');
  }
  if (ts.isBinaryExpression(node)) return node.operatorToken.kind === ts.SyntaxKind.PlusToken ? inner(node.left) + inner(node.right) : '…'; // prettier-ignore
  return ts.isIdentifier(node) ? named(node, source, depth, words) : '…';
}

function named(node: ts.Identifier, source: ts.SourceFile, depth: number, words?: Map<string, string>): string {
  const word = words?.get(node.text);
  if (word !== undefined) return word;
  const constant = depth < 4 ? constantAt(node, source) : undefined;
  return constant ? render(constant, source, depth + 1, words) : '…';
}

const tidy = (text: string) => text.replace(/\s+/g, ' ').replace(/^(?:…(?:: |, | ))+/, '').replace(/…(?:[\s:,/]*…)+/g, '…').trim(); // prettier-ignore

/** What the comments of the sources say of a code: "`E_X` (what it is)". */
function meanings(texts: string[]): Map<string, string> {
  const found = new Map<string, string>();
  const comment = texts.join('\n').replace(/\n\s*\*\s?/g, ' ');
  for (const [, code, meaning] of comment.matchAll(/`(E_[A-Z0-9_]+)` \(([^()]+(?:\([^()]*\)[^()]*)?)\)/g)) {
    if (!found.has(code)) found.set(code, meaning.replace(/\s+/g, ' ').trim());
  }
  return found;
}

/** Codes that are made of a beginning and a rule: what the table in the comment of their class says of each. */
function ruled(file: string, text: string): Found[] {
  const beginning = /\| code `(E_[A-Z_]+)…` \|/.exec(text)?.[1];
  if (beginning === undefined) return [];
  const rows = text.matchAll(/^ \* \| ((?:`[A-Z_]+`(?:, )?)+) \| (.+) \|$/gm);
  return [...rows].flatMap(([, rules, meaning]) =>
    [...rules.matchAll(/`([A-Z_]+)`/g)].map(([, rule]) => {
      const remedy = REMEDIES[beginning];
      const message = beginning === 'E_SAFETENSORS_' ? `the file breaks the rule: ${meaning}` : meaning;
      return { code: beginning + rule, room: roomOf(file), message: `${message}; ${remedy}` };
    }),
  );
}

/** What happened and what to do about it: a message is "what; what to do". */
function parts(message: string): [what: string, advice: string] {
  const at = message.indexOf('; ');
  return at < 0 ? [message, ''] : [message.slice(0, at), message.slice(at + 2)];
}

const cell = (text: string) =>
  text
    .replace(/\|/g, '\\|')
    .replace(/</g, '&lt;')
    .replace(/`/g, (sign) => ((text.split('`').length - 1) % 2 === 1 ? "'" : sign));

/** The whole of docs/errors.md. */
export function errorsDocument(): string {
  const files = sources().map((file) => [file, fs.readFileSync(path.join(projectRoot(), file), 'utf8')] as const);
  const said = meanings(files.map(([, text]) => text));
  const byCode = new Map<string, Found[]>();
  for (const found of files.flatMap(([file, text]) => [...codesIn(file, text), ...ruled(file, text)])) {
    if (found.code.endsWith('_')) continue; // the beginning of others
    byCode.set(found.code, [...(byCode.get(found.code) ?? []), found]);
  }
  const rows = [...byCode].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([code, all]) => rowsOf(code, all, said.get(code)));
  return [
    '# Error codes',
    '',
    'Every error that spanlab makes is one line: `error: CODE: what was wrong and where; what to do`. This list is made from the',
    'places in the sources that say so, by `npm run docs:errors`; … stands for what is only known when it happens.',
    '',
    '| code | what happened | what to do | where |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
} // prettier-ignore

const remedyOf = (code: string) => REMEDIES[code] ?? (code.startsWith('E_SETUP') ? SETUP_REMEDY : undefined);

function rowsOf(code: string, all: Found[], meaning: string | undefined): string[] {
  const messages = [...new Set(all.map(({ message }) => message))].filter((message) => /[a-z]{3}/.test(message));
  const rooms = [...new Set(all.map(({ room }) => room))].join(', ');
  // what a helper is given says more than the helper
  const telling = messages.filter((message) => /[a-z]{3}/.test(parts(message)[0]));
  const known = telling.length > 0 ? telling : [...new Set((messages.length > 0 ? messages : ['…']).map((message) => [meaning ?? 'the message says it', parts(message)[1]].filter(Boolean).join('; ')))]; // prettier-ignore
  const [shared] = known.map((message) => parts(message)[1]).filter((advice) => advice !== '');
  return known.map((message, i) => {
    const [what, advice] = parts(message);
    const remedy = advice || remedyOf(code) || shared || 'what the message names is to be corrected';
    return `| ${i === 0 ? `\`${code}\`` : ''} | ${cell(what)} | ${cell(remedy)} | ${i === 0 ? rooms : ''} |`;
  });
}

if (require.main === module) {
  fs.mkdirSync(path.dirname(ERRORS_FILE), { recursive: true });
  fs.writeFileSync(ERRORS_FILE, errorsDocument());
}
