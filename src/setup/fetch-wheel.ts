// A wheel fetched by pip, so that the user's mirrors and proxies count, and the files of it that are needed.
import fs from 'node:fs';
import path from 'node:path';
import { hasStamp, stamp } from './folder';
import { run, say } from './shell';
import type { Wheel } from './wheels';

/**
 * Downloads one wheel into `scratch`, checks its hash, unpacks it into `folder` and deletes it; does nothing where that was
 * done before.
 *
 * @throws Error when pip or Python fails; what came until then does not count.
 */
export async function fetchWheel(folder: string, wheel: Wheel, platform: string, scratch: string): Promise<void> {
  const done = `.${wheel.requirement}`;
  if (hasStamp(folder, done, wheel.sha256)) return;
  say(`fetching ${wheel.requirement}`);
  await download(scratch, wheel, platform);
  const file = path.join(
    scratch,
    fs.readdirSync(scratch).find((name) => name.endsWith('.whl'))!,
  );
  await run('python3', [path.join(__dirname, 'unpack.py'), file, folder, scratch]);
  fs.rmSync(file);
  stamp(folder, done, wheel.sha256);
}

/** pip checks the hash; its own cache is left out, which would keep a second copy of up to 3 GB. */
async function download(folder: string, wheel: Wheel, platform: string): Promise<void> {
  const list = path.join(folder, 'requirements.txt');
  fs.writeFileSync(list, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const options = [
    ...['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'],
    ...['--implementation=cp', '--python-version=3.11', '--abi=cp311', '--abi=none', `--platform=${platform}`],
  ];
  const env = { TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: '0' };
  await run('python3', ['-m', 'pip', 'download', ...options, '--dest', folder, '--requirement', list], env);
}
