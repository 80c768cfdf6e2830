// Help while a cell is written: completion, and what a name or an argument is.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { Content } from '../../kernel/wire/message';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 60_000 };

interface Completion {
  matches: string[];
  /** The code with a name accepted. */
  accepted: (name: string) => string;
  kinds: Record<string, string>;
}

/** Completes at `|`. */
async function complete(text: string): Promise<Completion> {
  const [before, behind] = text.split('|');
  const code = before + behind;
  const reply = await kernel.ask('complete_request', { code, cursor_pos: [...before].length });
  const letters = [...code];
  const accepted = (name: string) =>
    [...letters.slice(0, reply.cursor_start as number), name, ...letters.slice(reply.cursor_end as number)].join('');
  const types = (reply.metadata as Content)._jupyter_types_experimental as { text: string; type: string }[];
  return {
    matches: reply.matches as string[],
    accepted,
    kinds: Object.fromEntries(types.map(({ text, type }) => [text, type])),
  };
}

/** Asks for help at `|`. */
async function help(text: string, detail = 0): Promise<{ found: boolean; plain: string; markdown: string }> {
  const [before, behind] = text.split('|');
  const request = { code: before + behind, cursor_pos: [...before].length, detail_level: detail };
  const { found, data } = (await kernel.ask('inspect_request', request)) as {
    found: boolean;
    data: Record<string, string>;
  };
  return { found, plain: data['text/plain'] ?? '', markdown: data['text/markdown'] ?? '' };
}

test('names of cells and their members are completed, with what they are', options, async () => {
  await kernel.run('const point = { across: 1, along: 2 }; function pointAt(n: number) { return n }; class Point {}');
  const names = await complete('poi|');
  assert.deepEqual(names.matches, ['point', 'pointAt']);
  assert.deepEqual(names.kinds, { point: 'instance', pointAt: 'function' });
  const members = await complete('point.a|');
  assert.deepEqual(members.matches, ['across', 'along']);
  assert.equal(members.kinds.along, 'property');
  assert.equal((await complete('[1, 2].fil|')).kinds.filter, 'function');
});

test('the name is replaced whole, behind characters outside the basic plane, too', options, async () => {
  assert.equal((await complete("'🎈'; point.al|")).accepted('along'), "'🎈'; point.along");
  assert.equal((await complete('poi|nt.across')).accepted('point'), 'point.across');
});

test('inside a string there are its values and nothing else, and the string is replaced', options, async () => {
  await kernel.run("function pick(side: 'left' | 'right') { return side }; const table = { alpha: 1, beta: 2 }");
  const side = await complete('pick("l|")');
  assert.ok(
    side.matches.includes('left') && side.matches.every((name) => ['left', 'right'].includes(name)),
    side.matches.join(),
  );
  assert.equal(side.accepted('left'), 'pick("left")');
  assert.equal((await complete('table["al|"]')).accepted('alpha'), 'table["alpha"]');
  assert.deepEqual((await complete('const words = "any wor|"')).matches, []);
  assert.deepEqual((await complete('const n = 1 // a poi|')).matches, []);
});

test('modules are completed: paths, packages, those of Node', options, async () => {
  const folder = await complete("import { readSquad } from './src/sq|'");
  assert.deepEqual(folder.matches, ['squad']);
  assert.equal(folder.accepted('squad'), "import { readSquad } from './src/squad'");
  const file = await complete("import { readSquad } from './src/squad/rea|'");
  assert.ok(file.matches.includes('read'), file.matches.join());
  assert.equal(file.accepted('read'), "import { readSquad } from './src/squad/read'");
  const node = await complete("import fs from 'node:f|'");
  assert.ok(node.matches.includes('node:fs'));
  assert.equal(node.accepted('node:fs'), "import fs from 'node:fs'");
  assert.ok((await complete("import { parse } from 'csv-p|'")).matches.includes('csv-parse'));
});

test('of a function that has more than functions have, that comes first', options, async () => {
  const { matches } = await complete('display.|');
  assert.ok(matches.indexOf('html') < matches.indexOf('apply'), matches.slice(0, 5).join());
});

test('help has the comment of a cell, of the same and of an earlier one', options, async () => {
  const code = `/**
 * Mixes two numbers.
 *
 * @param share How much of the second.
 */
function mix(first: number, second: number, share: number): number { return first + (second - first) * share }`;
  assert.match((await help(`${code}\nmi|x`)).markdown, /Mixes two numbers/);
  await kernel.run(code);
  const { markdown, plain } = await help('mi|x(1, 2, 0.5)');
  assert.match(markdown, /function mix\(first: number, second: number, share: number\): number/);
  assert.match(markdown, /Mixes two numbers\.[^]*\*@param\* `?share`?.*How much of the second/);
  assert.doesNotMatch(plain, /return first/);
});

test('help has the comments of members of an earlier cell, and those of types', options, async () => {
  await kernel.run(`/** Someone. */
    interface Human {
      /** In years. */
      age: number
    }
    class Animal {
      /** Says what it says. @param loud Whether all hear it. */
      speak(loud: boolean): string { return loud ? 'A' : 'a' }
      /** Of its legs. */
      legs = 4
    }
    /** A top-level one. */
    const legs = () => 2
    const an = new Animal(); const hu: Human = { age: 3 }`);
  assert.match((await help('an.spe|ak')).plain, /speak\(loud: boolean\): string[^]*Says what it says/);
  assert.match((await help('an.le|gs')).plain, /Of its legs\./);
  assert.match((await help('le|gs')).plain, /A top-level one\./);
  assert.match((await help('hu.age|')).plain, /In years\./);
  assert.match((await help('Human|')).plain, /interface Human[^]*Someone\./);
  assert.match((await help('an.speak|', 1)).plain, /return loud/);
});

test('help with detail has the source, of cells and of files', options, async () => {
  assert.match((await help('mi|x', 1)).markdown, /Source:[^]*return first \+ \(second - first\) \* share/);
  const imported = await help("import { readSquad } from './src/squad/read'; readSqu|ad", 1);
  assert.match(imported.markdown, /Source:[^]*function readSquad/);
});

test('at every argument help says what it is', options, async () => {
  for (const [code, name] of [
    ['mix(|', 'first'],
    ['mix(1, |', 'second'],
    ['mix(1, 2, |)', 'share'],
    ['Math.max(mix(1, |', 'second'],
  ]) {
    const { plain } = await help(code);
    assert.match(plain, /^mix\(first: number, second: number, share: number\): number/, code);
    assert.match(plain, new RegExp(`\`${name}: number\``), code);
  }
  assert.match((await help('[1].slice(0, |')).plain, /`end\?: number[^`]*` The end index of the specified portion/);
  assert.match((await help('setTimeout(|')).plain, /1 of \d signatures/);
});

test('what nobody declared is not found', options, async () => {
  assert.equal((await help('nonexist|')).found, false);
  assert.equal((await help('|')).found, false);
});

test('help and completion hold while a file is edited and cells are many', options, async () => {
  for (let i = 0; i < 30; i++) await kernel.run(`const many${i} = ${i}`);
  assert.equal((await complete('many2|')).matches.length, 11);
  assert.match((await help('many2|9')).plain, /const many29/);
});
