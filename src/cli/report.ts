// What a person sees when something goes wrong: one line, never a stack trace.
import { stripVTControlCharacters } from 'node:util';
import { SpanlabError, toFileError } from '../errors';
import { printable } from '../printable';
import { UsageError } from './usage';
import { say } from '../terminal';

/** Words by which Node and its parts say that memory has run out. */
const MEMORY = /out of memory|array buffer allocation failed|cannot allocate memory|could not allocate|ENOMEM/i;

/** Prints an error in one line and returns the exit code: 1 for a failure, 2 for wrong usage. */
export function report(error: unknown, command: string): number {
  const problem = toFileError(error, (error as NodeJS.ErrnoException).path ?? 'a file') as Error;
  if (problem instanceof SpanlabError) return fail(problem.code, problem.message);
  if (problem instanceof UsageError || problem.name === 'CLIError') return wrongUsage(`${command}: ${problem.message}`);
  if (problem.name === 'AbortError') return fail('E_STOPPED', 'stopped before it was done; run the same command again');
  if (MEMORY.test(problem.message)) {
    const advice = 'close other programs, raise the limit (ulimit -v), or work on less at once';
    return fail('E_OUT_OF_MEMORY', `the system gives no more memory (${problem.message}); ${advice}`);
  }
  if (process.env.SPANLAB_DEBUG === '1') say(String(problem.stack));
  return fail('E_INTERNAL', `${problem.message}; set SPANLAB_DEBUG=1 to see where, and report it`);
}

function fail(code: string, message: string): number {
  say(`error: ${code}: ${printable(message.replace(/\s*\n\s*/g, ' '))}`);
  return 1;
}

export function wrongUsage(message: string): number {
  say(`error: E_USAGE: ${stripVTControlCharacters(message)}; see --help`);
  return 2;
}
