// Two command lines for each command, shown below its options by --help.
import { helpWidth, wrapCommand } from './help';

/** By the command's name, or `command subcommand`. Each is a whole line that can be typed as it is. */
export const EXAMPLES: Record<string, [first: string, second: string]> = {
  setup: ['npx spanlab setup', 'npx spanlab setup --gpu'],
  doctor: ['npx spanlab doctor', 'npx spanlab doctor --json'],
  lab: ['npx spanlab lab', 'npx spanlab lab --reset 01-tutorial'],
  'kernel install': ['npx spanlab kernel install', 'npx spanlab kernel install --js'],
  'kernel uninstall': ['npx spanlab kernel uninstall', 'npx spanlab kernel uninstall --js'],
  'site serve': ['npx spanlab site serve', 'npx spanlab site serve course.zip --port 8080'],
  download: ['npx spanlab download squad-v2.0', 'npx spanlab download hf:deepset/minilm-uncased-squad2'],
  tokenize: [
    'npx spanlab tokenize --model workshop --data data/workshop/dev.json --out features.jsonl',
    'npx spanlab tokenize --model workshop --data mine.json --out features.jsonl --max-length 256 --doc-stride 64',
  ],
  model: ['npx spanlab model', 'npx spanlab model --json'],
  train: [
    'npx spanlab train --model workshop --train data/workshop/train.json --dev data/workshop/dev.json --out models/mine --lr 2e-4',
    'npx spanlab train --out models/mine --resume latest',
  ],
  'data check': ['npx spanlab data check mine.csv', 'npx spanlab data check mine.json --strict'],
  'data convert': [
    'npx spanlab data convert mine.csv --out mine.json',
    'npx spanlab data convert mine.json --out mine.csv',
  ],
  'data split': [
    'npx spanlab data split mine.json --out mine --share 0.2',
    'npx spanlab data split mine.json --out mine --seed 7',
  ],
  'data stats': ['npx spanlab data stats data/workshop/train.json', 'npx spanlab data stats mine.csv --json'],
  runs: ['npx spanlab runs', 'npx spanlab runs runs/rates --sort f1'],
  sweep: [
    'npx spanlab sweep --config sweep.json',
    'npx spanlab sweep --config sweep.json --on ray --address HOST:6379 --cpus 4',
  ],
  curve: [
    'npx spanlab curve --model models/workshop-qa --train mine/train.json --dev mine/dev.json --out runs/curve --epochs 8',
    'npx spanlab curve --model models/workshop-qa --train mine/train.json --dev mine/dev.json --mix data/workshop/full-train.json --sizes 16,64,all --seeds 3 --out runs/curve',
  ],
  evaluate: [
    'npx spanlab evaluate --model models/mine --data data/workshop/dev.json',
    'npx spanlab evaluate --model models/mine --data data/workshop/dev.json --out runs/mine-dev',
  ],
  score: [
    'npx spanlab score --data data/workshop/dev.json --predictions runs/mine-dev/predictions.json',
    'npx spanlab score --data dev.json --predictions predictions.json --null-odds null_odds.json --null-threshold 0',
  ],
  tune: [
    'npx spanlab tune --model models/mine --data held-out.json',
    'npx spanlab tune --model models/mine --data held-out.json --max-length 256 --doc-stride 64',
  ],
  filter: [
    'npx spanlab filter --model models/workshop-qa --data synthetic.jsonl --out kept.json',
    'npx spanlab filter --model squad-base --data synthetic.json --least 0.6 --out kept.json',
  ],
  ask: [
    "npx spanlab ask --model models/workshop-qa --question 'Who won?' --context 'In the end Ada won the race.'",
    'npx spanlab ask --model models/workshop-qa --context-file letter.txt --top-k 3',
  ],
  serve: ['npx spanlab serve --model models/workshop-qa', 'npx spanlab serve --model models/mine --port 8080'],
  publish: [
    'npx spanlab publish --model models/mine --web site',
    'npx spanlab publish --model models/mine --onnx --to owner/name --private',
  ],
};

/** Of a command with subcommands: one example of each, or both of its only one. */
function examplesOf(name: string): string[] | undefined {
  if (Object.hasOwn(EXAMPLES, name)) return EXAMPLES[name];
  const inner = Object.keys(EXAMPLES).filter((key) => key.startsWith(`${name} `));
  return inner.length === 0 ? undefined : inner.flatMap((key) => EXAMPLES[key].slice(0, inner.length === 1 ? 2 : 1));
}

/** The examples of a command as lines below its usage; nothing for a command without any. */
export function exampleLines(name: string): string {
  const examples = examplesOf(name);
  return examples === undefined
    ? ''
    : `\nEXAMPLES\n\n${examples.map((line) => `  ${wrapCommand(line, helpWidth())}`).join('\n')}\n`;
}
