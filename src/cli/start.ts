// `npm start`: the tutorial from its first cell to its last without a browser, and what came out of it.
import fs from 'node:fs';
import path from 'node:path';
import { chooseProfile } from '../lesson/profile';
import { projectRoot } from '../root';
import { inShell } from '../in-shell';
import { runNotebook } from '../setup/notebook';
import { percent, textTable } from '../show/text-table';
import { outliveSizeLimit } from '../size-limit';
import { answerText } from './answer-text';
import { report } from './report';
import { makeFolder } from '../make-folder';
import { tell } from '../terminal';

interface Results {
  before: Record<string, number>;
  after: Record<string, number>;
  sample: { question: string; context: string; answer: string; score: number };
}

const ROWS: [title: string, value: (metrics: Record<string, number>) => number][] = [
  ['start accuracy', (metrics) => 100 * metrics.startAccuracy],
  ['end accuracy', (metrics) => 100 * metrics.endAccuracy],
  ['exact match', (metrics) => metrics.exact],
  ['F1', (metrics) => metrics.f1],
];

async function start(args: string[]): Promise<void> {
  const profile = chooseProfile(profileArgument(args));
  const executed = path.join(projectRoot(), 'runs', `tutorial-${profile.name}.ipynb`);
  makeFolder(path.dirname(executed));
  const notebook = path.join(projectRoot(), 'notebooks', '01-tutorial.ipynb');
  await runNotebook(notebook, executed, { SPANLAB_PROFILE: profile.name });
  const results = JSON.parse(fs.readFileSync(path.join(profile.output, 'eval_results.json'), 'utf8')) as Results;
  tell(summary(results) + nextSteps(executed, profile.output));
}

/** `--profile NAME` or `--profile=NAME`. */
function profileArgument(args: string[]): string | undefined {
  const index = args.findIndex((argument) => argument.startsWith('--profile'));
  if (index < 0) return undefined;
  return args[index].includes('=') ? args[index].split('=')[1] : args[index + 1];
}

function summary({ before, after, sample }: Results): string {
  const rows = ROWS.map(([title, value]) => ({
    '': title,
    'before training': percent(value(before)),
    'after training': percent(value(after)),
  }));
  return ['', textTable(rows), sample.context, answerText(sample.question, [sample])].join('\n');
}

function nextSteps(notebook: string, model: string): string {
  const place = (file: string) => path.relative('', file) || file;
  // a command has its line to itself, to be copied
  const commands: [what: string, command: string][] = [
    ['Step through the course yourself:', 'npm run lab'],
    ['Ask about a text of your own:', `npx spanlab ask --model ${inShell(place(model))} --context-file FILE`],
    ['The same on a page:', `npx spanlab serve --model ${inShell(place(model))}`],
  ];
  return [
    '',
    `The notebook with its tables and plots:  ${place(notebook)}`,
    `The model:                               ${place(model)}`,
    '',
    ...commands.flatMap(([what, command]) => [what, `  ${command}`]),
    '',
  ].join('\n');
}

outliveSizeLimit();
start(process.argv.slice(2)).catch((error) => {
  process.exitCode = report(error, 'start');
});
