// Label Studio: which question a marked part answers, which marks are answers, and what annotators chose.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { importBytes } from '../../src/squad/import';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903. She sold it to Omar Reyes in 1911. Omar wept.';
const read = (...tasks: unknown[]) => importBytes(Buffer.from(JSON.stringify(tasks)), 'data.json');

/** A part of the text, of its first place. */
const part = (text: string, id?: string, label = 'Answer', more: object = {}) => {
  const start = CONTEXT.indexOf(text);
  return { id, type: 'labels', from_name: 'label', value: { start, end: start + text.length, text, labels: [label] }, ...more }; // prettier-ignore
};
const area = (text: string, id?: string, name = 'question') => ({ id, type: 'textarea', from_name: name, value: { text: [text] } }); // prettier-ignore
const choice = (text: string, name = 'answerable', id = 'q') => ({ id, type: 'choices', from_name: name, value: { choices: [text] } }); // prettier-ignore
const task = (annotators: unknown[][], question?: string, more: object = {}) => ({ id: 1, data: { text: CONTEXT, question }, annotations: annotators.map((result) => ({ result })), ...more }); // prettier-ignore
type Read = ReturnType<typeof read>;
const pairs = ({ records }: Read) =>
  records.map(({ question, answers, isImpossible, isUnlabelled }) => [question, isUnlabelled ? 'no label' : isImpossible ? 'none' : answers.map(({ text }) => text).join(', ')]); // prettier-ignore
const said = ({ problems }: Read) => problems.map(({ kind, what, remedy }) => `${kind}: ${what} (${remedy})`);

describe('a text area for each marked part', () => {
  test('each question has the answer with its id, whatever the order', () => {
    const both = [area('Who?', 'a'), area('When?', 'b'), part('1911', 'b'), part('Ilse Brandt', 'a')];
    const found = read(task([both]));
    assert.deepEqual(pairs(found), [['Who?', 'Ilse Brandt'], ['When?', '1911']]); // prettier-ignore
    assert.deepEqual([said(found), found.leftOut], [[], 0]);
  });
  test('a part without a question is named, and answers no other question', () => {
    const found = read(task([[part('Ilse Brandt', 'a'), area('Who?', 'a'), part('Omar Reyes', 'b')]]));
    assert.deepEqual(pairs(found), [['Who?', 'Ilse Brandt']]);
    assert.equal(found.leftOut, 1);
    assert.deepEqual(found.problems.map(({ path }) => path), ['[0].annotations[0].result[2]']); // prettier-ignore
    assert.match(said(found)[0], /^format: "Omar Reyes" has no question of its own .* \(left out\)$/);
  });
  test('a part within another is a further answer of it; circles end', () => {
    const inner = part('Ilse', 'b', 'Answer', { parentID: 'a' });
    assert.deepEqual(pairs(read(task([[part('Ilse Brandt', 'a'), area('Who?', 'a'), inner]]))), [['Who?', 'Ilse Brandt, Ilse']]); // prettier-ignore
    const circle = [part('1903', 'b', 'Answer', { parentID: 'c' }), part('1911', 'c', 'Answer', { parentID: 'b' })];
    const found = read(task([[part('Ilse Brandt', 'a'), area('Who?', 'a'), ...circle]]));
    assert.deepEqual([pairs(found), found.leftOut], [[['Who?', 'Ilse Brandt']], 2]);
  });
  test('two annotators who ask the same have one question; two parts with one question, too', () => {
    const one = [part('Ilse Brandt', 'a'), area('Who?', 'a')];
    const other = [part('Omar Reyes', 'z'), area('Who?', 'z')];
    assert.deepEqual(pairs(read(task([one, other]))), [['Who?', 'Ilse Brandt, Omar Reyes']]);
    assert.deepEqual(pairs(read(task([[...one, ...other]]))), [['Who?', 'Ilse Brandt, Omar Reyes']]);
  });
  test('what an annotator without a question marked, where others asked several, answers none of them', () => {
    const asked = [part('Ilse Brandt', 'a'), area('Who?', 'a'), part('1911', 'b'), area('When?', 'b')];
    const found = read(task([[part('1903', 'c')], asked]));
    assert.deepEqual(pairs(found), [['Who?', 'Ilse Brandt'], ['When?', '1911']]); // prettier-ignore
    assert.match(said(found)[0], /^format: "1903" has no question, and other annotators asked 2 \(left out\)$/);
  });
  test('beside the question of the task: the parts without one are its answers', () => {
    const own = [part('1911', 'b'), area('When?', 'b')];
    assert.deepEqual(pairs(read(task([[...own, part('Ilse Brandt', 'a')]], 'Who?'))), [['When?', '1911'], ['Who?', 'Ilse Brandt']]); // prettier-ignore
    const found = read(task([own], 'Who?'));
    assert.deepEqual([pairs(found), found.leftOut], [[['When?', '1911']], 1]);
    assert.match(said(found)[0], /"Who\?" is not asked/);
  });
});

describe('what annotators chose', () => {
  for (const [text, name] of [['Unanswerable'], ['Impossible'], ['No answer'], ['not_answerable'], ['No'], ['Yes', 'is_impossible'], ['keine Antwort'], ['无答案']]) {
    test(`${text}${name ? ` of ${name}` : ''}: the question has no answer, and what is marked is plausible`, () => {
      const found = read(task([[part('Omar'), choice(text, name)]], 'Who?'));
      assert.deepEqual(pairs(found), [['Who?', 'none']]);
      assert.deepEqual(found.records[0].plausibleAnswers.map((one) => one.text), ['Omar']); // prettier-ignore
      assert.deepEqual(found.problems.map(({ kind, remedy }) => [kind, remedy]), [['impossible with answer', 'mended']]); // prettier-ignore
      assert.deepEqual(said(read(task([[choice(text, name)]], 'Who?'))), []);
    });
  } // prettier-ignore
  test('that it is answerable: the answer counts; without one that is said', () => {
    assert.deepEqual(pairs(read(task([[part('Omar'), choice('Answerable')]], 'Who?'))), [['Who?', 'Omar']]);
    assert.deepEqual(said(read(task([[part('Omar'), choice('Yes')]], 'Who?'))), []);
    assert.match(said(read(task([[choice('Answerable')]], 'Who?')))[0], /^no answer: /);
  });
  test('that the question is bad: turned down', () => {
    const found = read(task([[part('Omar'), choice('Bad question', 'quality')]], 'Who?'));
    assert.deepEqual(pairs(found), [['Who?', 'no label']]);
    assert.deepEqual(found.problems.map(({ kind }) => kind), ['rejected', 'no label']); // prettier-ignore
    assert.deepEqual(pairs(read(task([[part('Omar'), choice('Bad question')], [part('1911')]], 'Who?'))), [['Who?', '1911']]); // prettier-ignore
  });
  test('annotators who do not agree: the answer counts, and that is said', () => {
    const found = read(task([[choice('Unanswerable'), part('1903')], [part('Omar')]], 'Who?'));
    assert.deepEqual(pairs(found), [['Who?', 'Omar']]);
    assert.deepEqual(said(found), ['impossible with answer: 1 of 2 annotators chose that it has no answer; what the others marked counts (kept)']); // prettier-ignore
  });
  test('of one part: its question alone', () => {
    const both = [part('Omar', 'a'), area('Who?', 'a'), choice('Unanswerable', 'x', 'a'), part('1911', 'b'), area('When?', 'b')]; // prettier-ignore
    assert.deepEqual(pairs(read(task([both]))), [['Who?', 'none'], ['When?', '1911']]); // prettier-ignore
  });
  test('anything else is named once, with other results that no question was made of', () => {
    const results = [part('Omar'), choice('Easy', 'level'), area('odd', 'x', 'note'), { type: 'rating', from_name: 'stars', value: { rating: 3 } }]; // prettier-ignore
    const found = read(task([results], 'Who?'), task([results], 'Who else?', { id: 2 }));
    assert.deepEqual(said(found), ['unused field: not used: the choice "Easy" of "level" (2), the textarea "note" (2), the rating "stars" (2) (kept)']); // prettier-ignore
  });
});

test('an answer that is written and not marked is looked for', () => {
  const found = read(task([[area('Ilse Brandt', 'x', 'answer')]], 'Who?'));
  assert.deepEqual(found.records[0].answers.map(({ text, answerStart }) => [text, answerStart]), [['Ilse Brandt', 35]]); // prettier-ignore
});

test('two annotators who label one part differently: it is an answer where one of them says so', () => {
  const found = read(task([[part('Omar', 'a', 'Evidence')], [part('Omar', 'b'), part('1911', 'c', 'Evidence')]], 'Who?'));
  assert.deepEqual(pairs(found), [['Who?', 'Omar']]);
}); // prettier-ignore
