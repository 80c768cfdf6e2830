// The command line: its commands, and what a person sees when something goes wrong.
import { defineCommand, renderUsage, runCommand } from 'citty';
import type { CommandDef } from 'citty';
import { SpanlabError, toFileError } from '../errors';
import { UsageError } from './usage';

/* eslint-disable @typescript-eslint/no-require-imports -- a command loads only what it needs, so that --help is quick */
const load = (module: { default: unknown }) => module.default as CommandDef;
const commands: Record<string, () => CommandDef> = {
  doctor: () => load(require('./doctor')),
  tokenize: () => load(require('./tokenize')),
  train: () => load(require('./train')),
  evaluate: () => load(require('./evaluate')),
  ask: () => load(require('./ask')),
};
/* eslint-enable @typescript-eslint/no-require-imports */

const spanlab = defineCommand({
  meta: { name: 'spanlab', description: 'fine-tune a question-answering transformer in TypeScript' },
  subCommands: commands,
});

/** Runs a command line and returns its exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') return help(spanlab as CommandDef);
  if (!(name in commands)) return wrongUsage(`unknown command "${name}"; choose ${Object.keys(commands).join(', ')}`);
  try {
    return await runNamed(name, rest);
  } catch (error) {
    return report(error, name);
  }
}

async function runNamed(name: string, rest: string[]): Promise<number> {
  const command = commands[name]();
  if (rest.includes('--help') || rest.includes('-h')) return help(command, spanlab as CommandDef);
  checkFlags(command, rest);
  await runCommand(command, { rawArgs: rest });
  return 0;
}

async function help(command: CommandDef, parent?: CommandDef): Promise<number> {
  process.stdout.write((await renderUsage(command, parent)) + '\n');
  return 0;
}

/** The parser takes unknown flags without a word; a mistyped one must not train for hours with the default. */
function checkFlags(command: CommandDef, args: string[]): void {
  const known = new Set(Object.keys(command.args ?? {}));
  for (const argument of args) {
    const flag = /^--([^=]+)/.exec(argument)?.[1];
    if (flag && !known.has(flag)) throw new UsageError(`unknown option --${flag}`);
  }
}

function report(error: unknown, command: string): number {
  const problem = toFileError(error, (error as NodeJS.ErrnoException).path ?? '') as Error & { code?: string };
  if (problem instanceof SpanlabError) return fail(problem.code, problem.message);
  if (problem instanceof UsageError || problem.name === 'CLIError') return wrongUsage(`${command}: ${problem.message}`);
  if (problem.name === 'AbortError') return fail('E_STOPPED', 'stopped before it was done; run the same command again');
  if (process.env.SPANLAB_DEBUG === '1') process.stderr.write(`${problem.stack}\n`);
  return fail('E_INTERNAL', `${problem.message}; set SPANLAB_DEBUG=1 to see where, and report it`);
}

function fail(code: string, message: string): number {
  process.stderr.write(`error: ${code}: ${message.replace(/\s*\n\s*/g, ' ')}\n`);
  return 1;
}

function wrongUsage(message: string): number {
  process.stderr.write(`error: E_USAGE: ${message}; see --help\n`);
  return 2;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
