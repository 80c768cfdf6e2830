// `node --import tsx test/reference/evaluation.ts`: marks and answers by Python's own tools, for the tests of evaluation.
// The last transformers with the official metrics and the question-answering pipeline is 4; it goes into a folder of its own,
// beside the environment that `npm run reference` makes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { cacheFolder, projectRoot } from '../../src/root';

const here = path.join(projectRoot(), 'test', 'reference');
const python = path.join(cacheFolder('reference'), 'bin', 'python');
const packages = cacheFolder('reference-squad');

function run(args: string[]): void {
  execFileSync(python, args, { stdio: 'inherit', env: { ...process.env, PYTHONPATH: packages } });
}

function provide(): void {
  const complete = path.join(packages, '.complete');
  if (fs.existsSync(complete)) return;
  run(['-m', 'pip', 'install', '--quiet', '--target', packages, 'transformers==4.57.1']);
  fs.writeFileSync(complete, '');
}

async function main(): Promise<void> {
  provide();
  run([path.join(here, 'evaluation.py'), path.join(here, 'evaluation.json')]);
  run([path.join(here, 'run_qa.py'), 'cases', path.join(here, 'spans.json')]);
  run([path.join(here, 'pipeline.py'), await ensureWorkshopEncoder(), path.join(here, 'pipeline.json')]);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
