// What `npm start`, `npm test`, `npm run lab` and `npm run setup` call first: src/setup/main.ts [--gpu] [--only PIECE].
import { parseArgs } from 'node:util';
import { toFileError } from '../errors';
import { outliveSizeLimit } from '../size-limit';
import { setUp, type SetUpOptions } from './set-up';
import { say } from '../terminal';

function readOptions(): SetUpOptions {
  const { values } = parseArgs({ options: { gpu: { type: 'boolean' }, only: { type: 'string' } } });
  const { gpu, only } = values;
  if (only === undefined || only === 'tensorflow' || only === 'jupyter') return { gpu, only };
  throw new Error(`--only is "${only}"; choose tensorflow or jupyter`);
}

function fail(error: unknown, exitCode: number): void {
  const problem = toFileError(error, (error as NodeJS.ErrnoException).path ?? '') as Error & { code?: string };
  say(`error: ${exitCode === 2 ? 'E_USAGE' : (problem.code ?? 'E_SETUP')}: ${problem.message}`);
  process.exitCode = exitCode;
}

outliveSizeLimit();
try {
  setUp(readOptions()).catch((error: unknown) => fail(error, 1));
} catch (error) {
  fail(error, 2);
}
