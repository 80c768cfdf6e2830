// A table of questions as somebody may have it: the repair sheets of a tram depot that does not exist.
import { Random } from '../engine/random';

/** A row of a person's own table. */
export interface ExampleRow {
  id: string;
  title: string;
  context: string;
  question: string;
  answer: string;
}

const NAMES = ['Otter', 'Heron', 'Badger', 'Swift', 'Marten', 'Plover', 'Vole', 'Kestrel', 'Lynx', 'Curlew'];
const PEOPLE = ['Imre Okafor', 'Lena Voss', 'Tomas Brandt', 'Aiko Reyes', 'Petra Lind', 'Sami Haddad', 'Rosa Quist'];
const HALLS = ['North 1', 'North 2', 'the paint shop', 'the long hall', 'South 4'];
const FAULTS: [symptom: string, cause: string, part: string][] = [
  ['a grinding noise under the second bogie', 'a dry axle bearing', 'bearing set 88-B'],
  ['doors that would not close', 'a bent guide rail', 'a new guide rail'],
  ['flickering lights', 'water in the junction box', 'junction box J7'],
  ['weak brakes on the hill', 'worn pads', 'pad kit 12'],
  ['a dead heating in the rear', 'a burnt fuse', 'a 40 ampere fuse'],
  ['sparks at the pantograph', 'a cracked carbon strip', 'carbon strip K-3'],
  ['a display that stayed black', 'a loose ribbon cable', 'cable loom 5'],
  ['a smell of burning', 'dust in the motor blower', 'blower M2'],
];
const MONTHS = ['March', 'April', 'May', 'June', 'September', 'October'];

interface Sheet {
  tram: string;
  symptom: string;
  cause: string;
  part: string;
  mechanic: string;
  driver: string;
  checker: string;
  hall: string;
  line: string;
  minutes: string;
  due: string;
}

/** Each leaves something out: who drove, who signed, or where it stood. */
const STYLES: ((sheet: Sheet) => string)[] = [
  (s) =>
    `${s.tram} came in from ${s.line} with ${s.symptom}. Cause: ${s.cause}. ${s.mechanic} fitted ${s.part} in ${s.hall}; the car was out of service for ${s.minutes}. ${s.checker} signed the sheet. Next check due ${s.due}.`,
  (s) =>
    `Driver ${s.driver} reported ${s.symptom} on ${s.line}. ${s.mechanic} found ${s.cause} on ${s.tram} and put in ${s.part}. Standstill of ${s.minutes}, ${s.hall}. To be looked at again on ${s.due}.`,
  (s) =>
    `${s.tram}: ${s.driver} stopped on ${s.line} because of ${s.symptom}. After ${s.minutes} ${s.mechanic} had replaced ${s.part}; the reason was ${s.cause}. Work signed off by ${s.checker}, follow-up on ${s.due}.`,
];

const QUESTIONS: Partial<Record<keyof Sheet, string[]>> = {
  symptom: ['What was wrong with the tram?', 'What did the driver notice?'],
  cause: ['What caused the fault?', 'What was the reason for the fault?'],
  part: ['Which part went in?', 'What was installed?'],
  mechanic: ['Who did the repair?', 'Which mechanic worked on the tram?'],
  driver: ['Who drove the tram?', 'Which driver noticed the fault?'],
  checker: ['Who signed off the work?', 'Who checked the repair?'],
  hall: ['Where in the depot was it repaired?', 'Where did the tram stand?'],
  minutes: ['How long was the tram out of service?', 'How long did the repair take?'],
  due: ['When must it be checked again?', 'When is the next check?'],
};
const KINDS = Object.keys(QUESTIONS) as (keyof Sheet)[];

/**
 * The rows, four questions about each text and two texts about each tram; without an answer where the text does not say.
 *
 * @example exampleRows(20).length // 160
 */
export function exampleRows(trams = 20, seed = 0): ExampleRow[] {
  const random = new Random(seed);
  const rows: ExampleRow[] = [];
  for (let tram = 0; tram < trams; tram++) {
    for (let text = 0; text < 2; text++) {
      const title = `Tram ${301 + tram}`;
      const sheet = drawSheet(random, `${NAMES[tram % NAMES.length]} (${301 + tram})`);
      const context = STYLES[random.integer(STYLES.length)](sheet);
      for (const kind of random.shuffle([...KINDS]).slice(0, 4)) {
        const question = pick(random, QUESTIONS[kind]!);
        const answer = context.includes(sheet[kind]) ? sheet[kind] : '';
        rows.push({ id: `sheet-${rows.length + 1}`, title, context, question, answer });
      }
    }
  }
  return rows;
}

function drawSheet(random: Random, tram: string): Sheet {
  const [symptom, cause, part] = pick(random, FAULTS);
  const [mechanic, driver, checker] = random.shuffle([...PEOPLE]);
  return {
    tram,
    symptom,
    cause,
    part,
    mechanic,
    driver,
    checker,
    hall: pick(random, HALLS),
    line: `line ${1 + random.integer(9)}`,
    minutes: `${15 + 5 * random.integer(40)} minutes`,
    due: `${1 + random.integer(28)} ${pick(random, MONTHS)}`,
  };
}

function pick<T>(random: Random, items: T[]): T {
  return items[random.integer(items.length)];
}
