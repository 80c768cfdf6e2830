// One archive with everything: it unpacks and runs on another machine of the same kind that has no network.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder, projectRoot, version } from '../../root';
import { moveIntoPlace } from '../../staged-file';
import { SetupError } from '../errors';
import { withScratch } from '../folder';
import { run, say } from '../../shell';
import { bundledPaths, excludedPatterns, TOP } from './contents';
import { fetchWheels } from './wheels';
import { makeFolder } from '../../make-folder';

/** `.spanlab/bundle/bundle.json`: for what machine a bundle is. */
export interface BundleFile {
  format: 'spanlab-bundle-1';
  version: string;
  made: string;
  platform: string;
  arch: string;
  /** Where its own kernels run; elsewhere they are compiled again, or TensorFlow's do. */
  processor: string;
  node: string;
  python: string[];
}

export interface BundleOptions {
  /** The archive's path. */
  out: string;
  /** Files and folders of the project besides those that every bundle has. */
  extra?: string[];
}

/**
 * Writes the archive (gzip'ed tar, about 1 GB). The set-up must be complete. Node goes along where it is one file; Python,
 * which is not, must be on the other machine.
 *
 * @throws SetupError `E_BUNDLE`
 * @example await writeBundle({ out: 'runs/spanlab-linux-x64.tar.gz' })
 */
export async function writeBundle({ out, extra }: BundleOptions): Promise<BundleFile> {
  const scratch = cacheFolder('scratch');
  makeFolder(scratch);
  let description!: BundleFile;
  try {
    const paths = bundledPaths(extra);
    await withScratch(scratch, async (staged) => {
      description = await stage(path.join(staged, '.spanlab', 'bundle'));
      fs.copyFileSync(path.join(__dirname, 'offline.sh'), path.join(staged, 'offline.sh'));
      await pack(out, paths, staged);
    });
  } catch (error) {
    throw new SetupError(
      'E_BUNDLE',
      `the bundle could not be made: ${(error as Error).message}; correct that and run the same command again`,
    );
  }
  return description;
}

/** What is in a bundle and nowhere else. */
async function stage(folder: string): Promise<BundleFile> {
  makeFolder(path.join(folder, 'bin'));
  if (isOneFile(process.execPath)) fs.copyFileSync(process.execPath, path.join(folder, 'bin', 'node'));
  else say('this Node is more than one file and stays behind: the other machine needs Node.js 20 or newer');
  say('fetching the wheels of JupyterLab');
  const python = await fetchWheels(path.join(folder, 'wheels'));
  const description: BundleFile = {
    format: 'spanlab-bundle-1',
    version,
    made: new Date().toISOString(),
    platform: process.platform,
    arch: process.arch,
    processor: os.cpus()[0]?.model ?? 'unknown',
    node: process.version,
    python,
  };
  fs.writeFileSync(path.join(folder, 'bundle.json'), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** Distributions split Node into a program and a library; a copy of the program alone would not start. */
function isOneFile(program: string): boolean {
  if (process.platform !== 'linux') return false;
  return !/libnode/.test(execFileSync('ldd', [program], { encoding: 'utf8' }));
}

async function pack(out: string, paths: string[], staged: string): Promise<void> {
  makeFolder(path.dirname(path.resolve(out)));
  const partial = path.resolve(`${out}.part`);
  say(`writing ${out} (a minute or two)`);
  const excluded = [partial, path.resolve(out)].map((file) => path.relative(projectRoot(), file));
  await run('tar', [
    ...['--create', '--use-compress-program', 'gzip -3', '--file', partial],
    ...[...excludedPatterns(), ...excluded].map((pattern) => `--exclude=${pattern}`),
    // each entry into the archive's one folder, links as they are
    ...['--transform', `flags=r;s,^,${TOP}/,`],
    ...['--directory', projectRoot(), ...paths],
    ...['--directory', staged, '.spanlab', 'offline.sh'],
  ]);
  moveIntoPlace(partial, path.resolve(out));
}
