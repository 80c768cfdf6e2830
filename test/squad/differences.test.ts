// What differs between an answer and its text: named by its kind, and shown so that it can be seen.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { differences } from '../../src/squad/fold';
import { importBytes } from '../../src/squad/import';
import { shown, shownBeside } from '../../src/squad/shown';

describe('the kinds of a difference', () => {
  const cases: [one: string, other: string, kinds: string[]][] = [
    ['fish', 'ﬁsh', ['compatibility form']],
    ['Fish', 'ﬁsh', ['case', 'compatibility form']],
    ['affluent', 'aﬄuent', ['compatibility form']],
    ['fast', 'faﬆ', ['compatibility form']],
    ['Congress', 'Congreſs', ['compatibility form']],
    ['5 μm', '5 µm', ['compatibility form']],
    ['VIII', 'Ⅷ', ['compatibility form']],
    ['ABC', 'ＡＢＣ', ['compatibility form']],
    ['x2', 'x²', ['compatibility form']],
    ['...', '…', ['compatibility form']],
    ['ａｂ', 'ＡＢ', ['case']],
    ['ada', 'ADA', ['case']],
    ['STRASSE', 'Straße', ['case']],
    ['οδος', 'ΟΔΟΣ', ['case']],
    ['café', 'cafe\u0301', ['unicode form']],
    ['\u00c5', '\u212b', ['unicode form']],
    ['a b', 'a\u00a0b', ['spaces']],
    ['a b', 'a  b', ['spaces']],
    ['coop', 'co\u00adop', ['invisible characters']],
    ['A&B', 'A&amp;B', ['entities']],
    ['"a"', '“a”', ['quotes']],
    ['5-7', '5–7', ['dashes']],
  ];
  for (const [one, other, kinds] of cases) {
    test(`${shown(one)} and ${shown(other)}`, () => {
      assert.deepEqual(differences(one, other), kinds);
      assert.deepEqual(differences(other, one), kinds);
    });
  }
});

describe('what is shown of two texts', () => {
  const cases: [one: string, other: string, shown: [string, string]][] = [
    ['a b', 'a\u00a0b', ['"a b"', '"a\\u00a0b"']],
    ['a b', 'a\u2009b', ['"a b"', '"a\\u2009b"']],
    ['a b', 'a\nb', ['"a b"', '"a\\nb"']],
    ['café', 'cafe\u0301', ['"caf\\u00e9"', '"cafe\\u0301"']],
    ['coop', 'co\u00adop', ['"coop"', '"co\\u00adop"']],
    ['ab', 'a\u200bb', ['"ab"', '"a\\u200bb"']],
    ['ab', 'a\u202eb', ['"ab"', '"a\\u202eb"']],
    ['fish', 'ﬁsh', ['"fish"', '"\\ufb01sh"']],
    ['5\u2212', '5\u2013', ['"5\\u2212"', '"5\\u2013"']],
    ['a\u00a0b c', 'a b\u00a0c', ['"a\\u00a0b c"', '"a b\\u00a0c"']],
    ['Müller', 'müller', ['"Müller"', '"müller"']],
    ['“old”', '"old"', ['"“old”"', '"\\"old\\""']],
  ];
  for (const [one, other, pair] of cases) test(pair.join(' '), () => assert.deepEqual(shownBeside(one, other), pair));

  test('of long texts the part that differs', () => {
    const [one, other] = shownBeside(`${'word '.repeat(40)}a b`, `${'word '.repeat(40)}a\u00a0b`);
    assert.ok(one.length < 70 && other.length < 75);
    assert.match(other, /^"….*a\\u00a0b"$/);
  });

  test('the report has it', () => {
    const { problems } = importBytes(Buffer.from('question,context,answer\nWho?,Ilse\u00a0Brandt won.,Ilse Brandt\n'), 'a.csv'); // prettier-ignore
    assert.deepEqual(problems.map(({ kind, what }) => [kind, what]), [['differs in spaces', '"Ilse Brandt" is not in the text, which has "Ilse\\u00a0Brandt"']]); // prettier-ignore
  });
});
