// The Python packages of the notebooks as wheel files, from which JupyterLab is installed without a network.
import { execFileSync } from 'node:child_process';
import { codeFile } from '../../root';
import { jupyterProgram } from '../jupyter';
import { run, say } from '../../shell';
import { makeFolder } from '../../make-folder';

/** The versions of Python that schools' systems have; each adds some 20 MB, since most wheels fit all. */
const VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14'];

/** Platforms that pip accepts besides its own, newest first, for other versions than the one that runs it. */
function platforms(): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return ['manylinux_2_28', 'manylinux_2_17', 'manylinux2014'].map((name) => `${name}_${machine}`);
}

/**
 * Fetches the wheels into `folder` for the Python of this machine and, as far as they exist, for other versions.
 *
 * @returns the versions of Python that can install them.
 * @throws Error when even those of this machine's Python cannot be had.
 */
export async function fetchWheels(folder: string): Promise<string[]> {
  makeFolder(folder);
  const own = ownVersion();
  await download(folder, []);
  const others = process.platform === 'linux' ? VERSIONS.filter((version) => version !== own) : [];
  const fetched = [own];
  for (const version of others) {
    const options = ['--python-version', version, ...platforms().flatMap((name) => ['--platform', name])];
    await download(folder, options).then(
      () => fetched.push(version),
      (error: Error) => say(`no wheels for Python ${version} (${error.message})`),
    );
  }
  return fetched.sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));
}

async function download(folder: string, options: string[]): Promise<void> {
  const requirements = codeFile('kernel', 'requirements.txt');
  const quiet = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary=:all:'];
  const args = ['-m', 'pip', 'download', ...quiet, '--dest', folder, '--requirement', requirements, ...options];
  await run(jupyterProgram('python'), args);
}

function ownVersion(): string {
  const script = 'import sys; print("%d.%d" % sys.version_info[:2])';
  return execFileSync(jupyterProgram('python'), ['-c', script], { encoding: 'utf8' }).trim();
}
