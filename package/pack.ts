// `npm run pack`: the package as a file, spanlab-VERSION.tgz, out of `dist` and what else package.json names. `npm pack` and `npm publish` in
// the clone would run no script before (`.npmrc`), and so pack what was built at some time, or nothing: the clone is private, and only
// what is packed here is not.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What npm packs without being told. */
const ALWAYS = ['README.md', 'LICENSE'];

interface Manifest {
  name: string;
  version: string;
  files: string[];
  bin: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  [field: string]: unknown;
}

/**
 * Packs a clone that is built, and returns the path of the file.
 *
 * @throws Error naming what the package promises and the clone does not have
 */
export function pack(root: string, destination: string): string {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
  const { name, version, files, bin, exports } = manifest;
  const promised = [...Object.values(bin), ...Object.values(exports).flatMap(filesOf), ...files];
  const missing = promised.filter((file) => !fs.existsSync(path.join(root, file)));
  if (missing.length > 0)
    throw new Error(`nothing is packed: ${missing.join(', ')} not there; npm run pack builds first`);
  const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-pack-'));
  try {
    for (const file of [...files, ...ALWAYS]) {
      fs.cpSync(path.join(root, file), path.join(stage, file), { recursive: true });
    }
    fs.writeFileSync(path.join(stage, 'package.json'), JSON.stringify(published(manifest), null, 2));
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', path.resolve(destination)], { cwd: stage }); // prettier-ignore
  } finally {
    fs.rmSync(stage, { recursive: true });
  }
  return path.join(path.resolve(destination), `${name}-${version}.tgz`);
}

function filesOf(door: string | Record<string, string>): string[] {
  return typeof door === 'string' ? [door] : Object.values(door);
}

/** package.json without what only the clone needs. */
function published(manifest: Manifest): object {
  const ofClone = ['private', 'scripts', 'devDependencies'];
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => !ofClone.includes(field)));
}

if (require.main === module) {
  try {
    process.stdout.write(`${pack(path.resolve(__dirname, '..'), process.argv[2] ?? '.')}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
