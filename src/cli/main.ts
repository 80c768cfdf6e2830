// The command line: its commands, and what a person sees when something goes wrong.
import { stripVTControlCharacters } from 'node:util';
import { defineCommand, parseArgs, renderUsage, runCommand, type ArgsDef, type CommandDef } from 'citty';
import { toFileError } from '../errors';
import { isInstalled, version } from '../root';
import { outliveSizeLimit } from '../size-limit';
import { checkArguments } from './arguments';
import { exampleLines } from './examples';
import { helpWidth, wrapUsage } from './help';
import { report, wrongUsage } from './report';

/* eslint-disable @typescript-eslint/no-require-imports -- a command loads only what it needs, and --help none of them */
const COMMANDS: Record<string, [description: string, load: () => unknown]> = {
  setup: ['install native TensorFlow and JupyterLab, once', () => require('./setup')],
  doctor: ['show what this machine has: backend, TensorFlow, GPU, Node, Jupyter', () => require('./doctor')],
  download: ['download a data set, a file or a model; an interrupted download continues', () => require('./download')],
  tokenize: ['write tokens, offsets and labels of a data file as JSON lines', () => require('./tokenize')],
  model: ['list good models to start from and their short names', () => require('./starts')],
  train: ['fine-tune a model on a file in SQuAD format', () => require('./train')],
  data: ['check, convert, split and measure data sets', () => require('./data')],
  runs: ['list training runs with their results and the options in which they differ', () => require('./runs')],
  curve: ['measure what 16, 64 or 256 of your own examples bring, with confidence intervals', () => require('./curve')],
  sweep: [
    'train with many combinations of options, here or on a Ray cluster; repeat to continue',
    () => require('./sweep'),
  ],
  evaluate: ['measure exact match, F1 and position accuracy of a model', () => require('./evaluate')],
  score: ['compute the official SQuAD metrics of a file of predictions', () => require('./score')],
  tune: ['choose the threshold for "no answer" and store it with the model', () => require('./tune')],
  filter: ['keep those generated questions whose answer a model can find', () => require('./filter')],
  ask: ['answer questions from a text', () => require('./ask')],
  serve: ['try a model in the browser, or ask it over HTTP', () => require('./serve')],
  publish: ['make ONNX files and a model card, a web page, or a repository on the hub', () => require('./publish')],
  lab: ["open JupyterLab with spanlab's kernel; other arguments are passed to JupyterLab", () => require('./lab')],
  site: ['serve the course for browsers that `npm run site` built', () => require('./site')],
  kernel: ['install the notebook kernel into any Jupyter, or uninstall it', () => require('./kernel')],
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** Commands that compute with the model: the first of them in a new project provides the engine. */
const COMPUTING = ['train', 'curve', 'sweep', 'evaluate', 'tune', 'filter', 'ask', 'serve', 'publish'];

const spanlab = defineCommand({
  meta: { name: 'spanlab', description: 'fine-tune a question-answering transformer in TypeScript', version },
  subCommands: Object.fromEntries(
    Object.entries(COMMANDS).map(([name, [description]]) => [name, { meta: { name, description } }]),
  ),
}) as CommandDef;

/** The commands, a line each. */
async function overview(): Promise<string> {
  const usage = await renderUsage(spanlab);
  return wrapUsage(usage.replace(Object.keys(COMMANDS).join('|'), '<command> [OPTIONS]'), helpWidth());
}

/** A command with all its options. */
function commandNamed(name: string): CommandDef {
  const [description, load] = COMMANDS[name];
  const { default: command } = load() as { default: CommandDef };
  return { ...command, meta: { name, description } };
}

/** Runs a command line and returns its exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || isHelp(name)) return print(await overview());
  if (name === '--version') return print(version);
  if (!Object.hasOwn(COMMANDS, name)) {
    return wrongUsage(`unknown command "${name}"; choose ${Object.keys(COMMANDS).join(', ')}`);
  }
  try {
    return await runNamed(name, rest);
  } catch (error) {
    return report(error, name);
  }
}

/** Runs the process's own command line; what fails outside it (a broken pipe, a forgotten promise) is reported too. */
export async function runProcess(): Promise<void> {
  outliveSizeLimit();
  const [name = '', ...rest] = process.argv.slice(2);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // the reader has seen enough: `spanlab … | head`
    process.exit(error.code === 'EPIPE' ? 0 : report(toFileError(error, 'standard output'), name));
  });
  // a terminal that is closed takes no more words; the work goes on to where it can be stopped
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', (error) => process.exit(report(error, name)));
  process.exitCode = await main(name ? [name, ...rest] : []);
}

async function runNamed(name: string, args: string[]): Promise<number> {
  const outer = commandNamed(name);
  const inner = outer.subCommands as Record<string, CommandDef> | undefined;
  const isInner = inner !== undefined && Object.hasOwn(inner, args[0] ?? '');
  const command = isInner ? inner[args[0]] : outer;
  const rest = isInner ? args.slice(1) : args;
  if (rest.some(isHelp)) {
    const parent = isInner ? defineCommand({ meta: { name: `spanlab ${name}` } }) : spanlab;
    const usage = wrapUsage(await renderUsage(command, parent), helpWidth());
    return print(`${usage.trimEnd()}\n${exampleLines(isInner ? `${name} ${args[0]}` : name)}`);
  }
  const definitions = (command.args ?? {}) as ArgsDef;
  // what JupyterLab takes is for JupyterLab to check
  if (name !== 'lab') checkArguments(definitions, rest);
  if (COMPUTING.includes(name)) {
    parseArgs(rest, definitions); // what is missing is said before anything is fetched
    await ensureEngine();
  }
  await runCommand(command, { rawArgs: rest });
  return Number(process.exitCode ?? 0);
}

/** Installed by npm, spanlab has run no script: native TensorFlow comes with the first command that wants it. */
async function ensureEngine(): Promise<void> {
  if (!isInstalled()) return;
  const { setUpOnce } = await import('../setup/set-up');
  await setUpOnce();
}

const isHelp = (argument: string) => argument === '--help' || argument === '-h';

function print(text: string): number {
  const shown = process.stdout.isTTY ? text : stripVTControlCharacters(text);
  // eslint-disable-next-line no-restricted-syntax -- our own words, in colours
  process.stdout.write(`${shown.replace(/ +$/gm, '')}\n`);
  return 0;
}
