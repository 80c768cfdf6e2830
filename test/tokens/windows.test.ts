// Windows and their labels where labels go wrong: first and last words, window edges, characters beyond the basic plane.
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import test from 'node:test';
import fc from 'fast-check';
import type { SquadRecord } from '../../src/squad/record';
import type { Features } from '../../src/tokens/features';
import { lessonFeatures } from '../../src/tokens/lesson';
import { addTokenPositions } from '../../src/tokens/positions';
import { windows } from '../../src/tokens/windows';
import { BACKENDS, loadTokenizer } from './vocabulary';

const ORDERS = ['question-first', 'context-first'] as const;

function record(
  context: string,
  text: string | null,
  question = 'Which one?',
  at = context.indexOf(text ?? ''),
): SquadRecord {
  const answers = text === null ? [] : [{ text, answerStart: at }];
  return {
    id: `${question} ${text}`,
    title: '',
    context,
    question,
    answers,
    plausibleAnswers: [],
    isImpossible: text === null,
  };
}

/** The characters of the context that the label of a row covers; undefined for `[CLS]`. */
function labelled(features: Features, row: number, { context }: SquadRecord): string | undefined {
  const [start, end] = [features.startPositions[row], features.endPositions[row]];
  if (start === 0 && end === 0) return undefined;
  assert.ok(features.contextStart[row] <= start && start <= end && end < features.contextEnd[row]);
  const at = features.rowStart[row];
  return context.slice(features.offsets[2 * (at + start)], features.offsets[2 * (at + end) + 1]);
}

async function labels(one: SquadRecord, options = {}): Promise<(string | undefined)[]> {
  const features = await windows([one], await loadTokenizer(), options);
  return Array.from({ length: features.count }, (_, row) => labelled(features, row, one));
}

const story = '😀 Alps begin. Mont-Blanc 🏔, (4809 m), was climbed in 1786 by Balmat 𝒂nd Paccard';
for (const order of ORDERS) {
  for (const answer of ['😀', '😀 Alps', 'Mont-Blanc', '🏔', '4809 m', '1786', 'Paccard', '𝒂nd Paccard', story]) {
    test(`${order}: the label of ${JSON.stringify(answer)} covers it and no more`, async () => {
      assert.deepEqual(await labels(record(story, answer), { order }), [answer]);
    });
  }
}

test('a part of a word is labelled with the pieces that hold it', async () => {
  assert.deepEqual(await labels(record('an unbelievably story', 'believ')), ['believa']);
  assert.deepEqual(await labels(record('from 1786-1790', '1790')), ['1790']);
});

test('an answer is labelled in every window that holds all of it, and [CLS] elsewhere', async () => {
  const words = Array.from({ length: 60 }, (_, i) => `n${i}`);
  const one = record(words.join(' '), 'n20 n21 n22');
  const options = { maxLength: 30, docStride: 12 };
  for (const order of ORDERS) {
    const features = await windows([one], await loadTokenizer(), { ...options, order });
    let held = 0;
    for (let row = 0; row < features.count; row++) {
      const at = features.rowStart[row];
      const first = features.offsets[2 * (at + features.contextStart[row])];
      const last = features.offsets[2 * (at + features.contextEnd[row] - 1) + 1];
      const inside = first <= one.answers[0].answerStart && one.answers[0].answerStart + 11 <= last;
      assert.equal(labelled(features, row, one), inside ? 'n20 n21 n22' : undefined);
      if (inside) held++;
    }
    assert.ok(held >= 1 && held < features.count);
  }
});

test('for arbitrary contexts and answers: the label covers the answer, cut to no less than its tokens', async () => {
  const tokenizer = await loadTokenizer();
  const word = fc.oneof(fc.constantFrom('the', 'é', '😀', '中国', 'unbelievable', '1,000', '(x)'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 })); // prettier-ignore
  const cases = fc.tuple(
    fc.array(word, { minLength: 1, maxLength: 40 }),
    fc.nat(),
    fc.nat(),
    fc.constantFrom(...ORDERS),
  );
  const property = fc.asyncProperty(cases, async ([words, a, b, order]) => {
    const [from, to] = [a % words.length, b % words.length].sort((x, y) => x - y);
    const start = words.slice(0, from).join(' ').length + (from > 0 ? 1 : 0);
    const text = words.slice(from, to + 1).join(' ');
    const one = record(words.join(' '), text, 'Why?', start);
    const features = await windows([one], tokenizer, { order, maxLength: 20, docStride: 8 });
    for (let row = 0; row < features.count; row++) {
      const found = labelled(features, row, one);
      if (found !== undefined && text.trim() === text)
        assert.ok(found.includes(text) || !/[a-z0-9]/.test(text), `${found} for ${text}`);
      const [begin, end] = features.rowStart.subarray(row, row + 2);
      assert.ok(end - begin <= 20);
    }
  });
  await fc.assert(property);
});

test('the first true answer is the label; impossible questions and empty contexts have none', async () => {
  const two = record(story, '1786');
  two.answers.push({ text: 'Paccard', answerStart: story.indexOf('Paccard') });
  assert.deepEqual(await labels(two), ['1786']);
  assert.deepEqual(await labels({ ...two, isImpossible: true }), [undefined]);
  assert.deepEqual(await labels(record('', null)), [undefined]);
  assert.deepEqual(await labels(record('', '')), [undefined]);
});

test('white space before a question is no token, and its offsets stay those of the question', async () => {
  const tokenizer = await loadTokenizer();
  for (const order of ORDERS) {
    const question = ' \u00a0\n Which one?';
    const features = await windows([record(story, '1786', question)], tokenizer, { order });
    const trimmed = await windows([record(story, '1786', 'Which one?')], tokenizer, { order });
    assert.deepEqual(features.inputIds, trimmed.inputIds);
    const which = [...features.inputIds].indexOf(tokenizer.tokenToId('which')!);
    assert.equal(question.slice(features.offsets[2 * which], features.offsets[2 * which + 1]), 'Which');
    assert.deepEqual(features.startPositions, trimmed.startPositions);
  }
});

test('a question that leaves no room is refused by its id', async () => {
  const long = record(story, '1786', 'why '.repeat(50));
  const options = { maxLength: 40, docStride: 10 };
  await assert.rejects(windows([record(story, '1786'), long], await loadTokenizer(), options), (error: Error & { code: string }) => {
    assert.match(error.message, /^question why why.*1786: texts of 50 and \d+ tokens/);
    return error.code === 'E_TOKENS_TOO_LONG';
  }); // prettier-ignore
});

test('windows are in data order and numbered, whatever the number of records', async () => {
  const tokenizer = await loadTokenizer();
  for (const count of [0, 1, 31, 32, 33, 100]) {
    const records = Array.from({ length: count }, (_, i) => record(`${story} ${i}`.repeat(1 + (i % 5)), '1786'));
    const features = await windows(records, tokenizer, { maxLength: 48, docStride: 16 });
    assert.equal(features.rowStart.length, features.count + 1);
    assert.equal(features.rowStart[features.count], features.inputIds.length);
    assert.equal(features.offsets.length, 2 * features.inputIds.length);
    assert.deepEqual([...new Set(features.record)], records.map((_, i) => i)); // prettier-ignore
    for (let row = 1; row < features.count; row++) {
      const sameRecord = features.record[row] === features.record[row - 1];
      assert.equal(features.overflow[row], sameRecord ? features.overflow[row - 1] + 1 : 0);
    }
    for (let row = 0; row < features.count; row++) {
      const text = features.offsets.subarray(2 * features.rowStart[row], 2 * features.rowStart[row + 1]);
      assert.deepEqual([...text.slice(0, 2), ...text.slice(-2)], [0, 0, 0, 0]);
    }
  }
});

for (const backend of BACKENDS) {
  test(`${backend}: other work goes on while thousands of pairs are tokenized`, async () => {
    const tokenizer = await loadTokenizer(backend);
    const records = Array.from({ length: 3000 }, (_, i) => record(`${story.repeat(8)} ${i}`, '1786'));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await windows(records, tokenizer);
    clearInterval(timer);
    delay.disable();
    // no time is checked: at least one turn for every two pieces of 32 pairs, give or take timers that fall together
    assert.ok(turns > 10, `${turns} turns`);
  });
}

test("the lesson's labels: start and end characters, the step back, the answer that was cut off", async () => {
  const tokenizer = await loadTokenizer();
  const contexts = ['It rose by ten metres. Then it fell', 'It rose by ten metres. Then it fell', 'It rose'];
  const answers = [
    { text: 'ten metres', answerStart: 11, answerEnd: 21 }, // the full stop behind it has a token: one late
    { text: 'ten', answerStart: 11, answerEnd: 14 }, // a space behind it: one step back
    { text: 'rose', answerStart: 3 }, // the end of the text behind it
  ];
  const batch = await tokenizer.encodeBatch(contexts, ['a', 'b', 'c'], { truncation: true });
  const { startPositions, endPositions } = addTokenPositions(batch, answers, { truncated: 512 });
  assert.deepEqual([...startPositions], [4, 4, 2]);
  assert.deepEqual([...endPositions], [6, 4, 2]);
  const cut = await tokenizer.encodeBatch(contexts, ['a', 'b', 'c'], { truncation: 'only_first', maxLength: 7 });
  const positions = addTokenPositions(cut, answers, { truncated: 512 });
  assert.deepEqual([...positions.startPositions], [512, 512, 2]);
  assert.deepEqual([...positions.endPositions], [3, 3, 2]);
  assert.throws(() => addTokenPositions(batch, answers.slice(1), { truncated: 512 }), { code: 'E_TOKENS_ANSWERS' });
});

test('lesson features: one row a record, both orders, a label no row reaches for impossible questions', async () => {
  const tokenizer = await loadTokenizer();
  const records = [
    record(story, '1786'),
    record(story, null),
    record(story.repeat(40), 'Paccard', 'Who?', story.repeat(40).length - 7),
  ];
  const features = await lessonFeatures(records, tokenizer);
  assert.equal(features.count, 3);
  assert.deepEqual([...features.startPositions.subarray(1)], [512, 512]);
  assert.deepEqual([features.contextStart[0], features.rowStart[3] - features.rowStart[2]], [1, 512]);
  const other = await lessonFeatures(records.slice(0, 1), tokenizer, { order: 'question-first', maxLength: 40 });
  const at = other.startPositions[0];
  assert.equal(story.slice(other.offsets[2 * at], other.offsets[2 * at + 1]), '1786');
  assert.ok(other.contextStart[0] <= at);
});
