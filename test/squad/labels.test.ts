// Labels of marked parts: beside one that is a name for answers the others are none, in every form that has labels.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { isAnswerLabel } from '../../src/squad/forms/labelled';
import { importBytes } from '../../src/squad/import';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903.';
type Mark = [start: number, end: number, label: string];
const asked = (i: number) => ({ id: `q${i}`, question: `Who ${i}?` });
const lines = (rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** A file with a question for each list of marks. */
const FORMS: Record<string, (marks: Mark[][]) => string> = {
  'label-studio': (marks) => JSON.stringify(marks.map((own, i) => ({ data: { text: CONTEXT, ...asked(i) }, annotations: [{ result: own.map(([start, end, label]) => ({ type: 'labels', value: { start, end, labels: [label] } })) }] }))),
  doccano: (marks) => lines(marks.map((label, i) => ({ text: CONTEXT, ...asked(i), label }))),
  prodigy: (marks) => lines(marks.map((own, i) => ({ text: CONTEXT, ...asked(i), answer: 'accept', spans: own.map(([start, end, label]) => ({ start, end, label })) }))),
  rows: (marks) => JSON.stringify(marks.map((own, i) => ({ text: CONTEXT, ...asked(i), answer: own.map(([start, end, label]) => ({ start, end, labels: [label] })) }))),
}; // prettier-ignore

for (const [name, file] of Object.entries(FORMS)) {
  const read = (...marks: Mark[][]) => importBytes(Buffer.from(file(marks)), 'data.jsonl');
  const texts = ({ records }: ReturnType<typeof read>) => records.map(({ answers }) => answers.map(({ text }) => text).join(', ')); // prettier-ignore
  const said = ({ problems }: ReturnType<typeof read>) => problems.map(({ kind, path, what, remedy }) => `${kind}: ${path}: ${what} (${remedy})`); // prettier-ignore

  describe(name, () => {
    test('only what is labelled as an answer counts; the others are counted', () => {
      const found = read([[8, 12, 'Distractor'], [35, 46, 'ANSWER']], [[16, 20, 'LOC'], [50, 54, 'Answer 2'], [8, 12, 'Distractor']]); // prettier-ignore
      assert.equal(found.form.name, name);
      assert.deepEqual(texts(found), ['Ilse Brandt', '1903']);
      assert.deepEqual(said(found), ['other labels: the file: of what is marked, only what is labelled "ANSWER" (1), "Answer 2" (1) is an answer; not used: "Distractor" (2), "LOC" (1) (kept)']); // prettier-ignore
    });
    test('a question with other marks alone has no answer, and that is said', () => {
      const found = read([[35, 46, 'answer']], [[8, 12, 'evidence']]);
      assert.deepEqual(texts(found), ['Ilse Brandt', '']);
      assert.ok(found.records[1].isImpossible);
      assert.match(said(found)[1], /^no answer: .*nothing of what is marked is labelled "answer": .* \(kept\)$/);
    });
    test('no label is a name for answers: all count, and the labels are said', () => {
      const found = read([[8, 12, 'THING'], [35, 46, 'PER']]); // prettier-ignore
      assert.deepEqual(texts(found), ['mill, Ilse Brandt']);
      assert.match(said(found).join(), /^other labels: the file: what is marked has 2 labels, none of them a name for answers: "THING" \(1\), "PER" \(1\); all of it counts as answers: .* \(kept\)$/); // prettier-ignore
    });
    test('one label, whatever it is, and several names for answers: nothing to say', () => {
      assert.deepEqual(said(read([[8, 12, 'A'], [35, 46, 'A']])), []); // prettier-ignore
      assert.deepEqual(said(read([[8, 12, 'Answer'], [35, 46, 'answer']])), []); // prettier-ignore
    });
  });
}

test('names for answers', () => {
  for (const label of ['Answer', 'ANSWERS', 'gold_answer', 'answer-span', 'Answer 3', 'Antwort', 'Réponse', 'respuesta', 'ответ', '答案', '답변', 'cevap'])
    assert.ok(isAnswerLabel(label), label);
  for (const label of ['Wrong answer', 'no answer', 'Answerable', 'long answer', 'Question', 'Distractor', 'plausible answer', ''])
    assert.ok(!isAnswerLabel(label), label);
}); // prettier-ignore

test('labels that are the questions are no kinds of marks', () => {
  const label = [[8, 12, 'What?'], [35, 46, 'Answer']]; // prettier-ignore
  const { records, problems } = importBytes(Buffer.from(lines([{ text: CONTEXT, label }])), 'data.jsonl');
  assert.deepEqual([records.length, problems], [2, []]);
});
