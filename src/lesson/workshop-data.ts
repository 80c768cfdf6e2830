// `npm run data:workshop`: the everyday questions of the workshop, from the texts in which they were written to SQuAD files.
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../root';
import { readQuestionText } from '../squad/question-text';
import { readSquadRecords } from '../squad/read';
import type { SquadRecord } from '../squad/record';
import { writeSquad } from '../squad/write';

/** The files of texts below `data/workshop/everyday`: those to train on, and those that nobody tunes on. */
export function everydayRecords(): { train: SquadRecord[]; heldOut: SquadRecord[] } {
  const folder = workshopFile('everyday');
  const read = (prefix: string) =>
    fs
      .readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .sort()
      .flatMap((name) => readQuestionText(path.join(folder, name)));
  return { train: read('train-'), heldOut: read('held-out') };
}

/** All questions to train on: those of `train.json`, which the course explores, and the everyday ones. */
export function fullTrainingRecords(): SquadRecord[] {
  return [...readSquadRecords(workshopFile('train.json')), ...everydayRecords().train];
}

const workshopFile = (name: string) => path.join(projectRoot(), 'data', 'workshop', name);

if (require.main === module) {
  const [train, { heldOut }] = [fullTrainingRecords(), everydayRecords()];
  writeSquad(workshopFile('full-train.json'), train);
  writeSquad(workshopFile('everyday-test.json'), heldOut);
  process.stdout.write(`${train.length} questions to train on, ${heldOut.length} that stay aside\n`);
}
