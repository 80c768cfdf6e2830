// `npm run data:workshop`: the everyday questions of the workshop, from the texts in which they were written to SQuAD files.
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../root';
import { readQuestionText } from '../squad/question-text';
import { readSquadRecords } from '../squad/read';
import type { SquadRecord } from '../squad/record';
import { writeSquad } from '../squad/write';
import { tell } from '../terminal';

/**
 * The texts below `data/workshop/everyday`: everyday ones to train on, articles, reports and instructions, and those that
 * nobody tunes on.
 */
export function everydayRecords(): { train: SquadRecord[]; articles: SquadRecord[]; heldOut: SquadRecord[] } {
  const folder = workshopFile('everyday');
  const read = (prefix: string) =>
    fs
      .readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .sort()
      .flatMap((name) => readQuestionText(path.join(folder, name)));
  return { train: read('train-'), articles: read('articles-'), heldOut: read('held-out') };
}

/** What the tutorial trains on: `train.json`, which the course explores, and the everyday questions. */
export function tutorialRecords(): SquadRecord[] {
  return [...readSquadRecords(workshopFile('train.json')), ...everydayRecords().train];
}

/** All questions to train on, for those who have more than five minutes. */
export function fullTrainingRecords(): SquadRecord[] {
  return [...tutorialRecords(), ...everydayRecords().articles];
}

const workshopFile = (name: string) => path.join(projectRoot(), 'data', 'workshop', name);

if (require.main === module) {
  const [tutorial, train, { heldOut }] = [tutorialRecords(), fullTrainingRecords(), everydayRecords()];
  writeSquad(workshopFile('tutorial-train.json'), tutorial);
  writeSquad(workshopFile('full-train.json'), train);
  writeSquad(workshopFile('everyday-test.json'), heldOut);
  const said = `${train.length} questions to train on, the tutorial takes ${tutorial.length} of them`;
  tell(`${said}; ${heldOut.length} stay aside\n`);
}
