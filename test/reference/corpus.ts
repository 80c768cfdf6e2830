// Writes the texts that the small tokenizers of the tests are trained on: the workshop's, and sentences of ninety languages.
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../src/root';
import { readSquadRecords } from '../../src/squad/read';
import { multilingual } from '../tokens/pipeline/multilingual';

/** One text a line. */
export function writeCorpus(file: string): void {
  const records = readSquadRecords(path.join(projectRoot(), 'data', 'workshop', 'train.json'));
  const contexts = [...new Set(records.map(({ context }) => context.replace(/\s+/g, ' ')))];
  fs.writeFileSync(file, [...contexts, ...multilingual].join('\n'));
}
