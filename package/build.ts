// `npm run build`: the package's `dist` out of the sources: JavaScript, types, what both read at run time, and what is vendored.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { vendorBinding, vendorDanfojs } from './vendor';

const ROOT = path.resolve(__dirname, '..');
const DIST = path.join(ROOT, 'dist');

/** Folders whose files the code reads at run time: all but the sources that become JavaScript. */
const CODE = ['src', 'kernel'];
/** Programs that are no TypeScript. */
const PROGRAMS = ['scale/sweep_ray.py', 'scale/train_torch.py', 'scale/requirements.txt'];
/** Of the clone only: they build the course, start its commands, and are what WebAssembly was made of. */
const CLONE_ONLY = [
  /^kernel\/(course|chromium|pictures)\b/,
  /__pycache__/,
  /^src\/(sources|kept-code)\.cjs$/,
  /^src\/engine\/wasm\/kernels\//,
  /^src\/engine\/tfjs-node\/package\.json$/,
];
const isCloneOnly = (file: string) => CLONE_ONLY.some((pattern) => pattern.test(file));

/** Packages by what the code asks for, and where they are in `dist`. */
const VENDORED: Record<string, string> = {
  '@mapbox/node-pre-gyp': 'src/setup/find-addon',
  '@tensorflow/tfjs-node-gpu': 'vendor/tfjs-node-gpu',
  '@tensorflow/tfjs-node': 'src/engine/tfjs-node/index.cjs',
  'danfojs-node': 'vendor/danfojs-node/index',
};

async function main(): Promise<void> {
  fs.rmSync(DIST, { recursive: true, force: true });
  const compiler = require.resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', path.join(__dirname, 'tsconfig.json')], { stdio: 'inherit' });
  copyFiles();
  vendorBinding(path.join(DIST, 'vendor', 'tfjs-node-gpu'));
  await vendorDanfojs(path.join(DIST, 'vendor', 'danfojs-node'), '../../src/engine/tfjs-node/index.cjs');
  for (const folder of ['src', 'vendor/tfjs-node-gpu']) {
    for (const file of filesOf(path.join(DIST, folder))) redirect(path.join(DIST, folder, file));
  }
}

function filesOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => fs.statSync(path.join(folder, file)).isFile());
}

function copyFiles(): void {
  const read = CODE.flatMap((folder) => filesOf(path.join(ROOT, folder)).map((file) => path.posix.join(folder, file)));
  const wanted = read.filter((file) => /\.d\.ts$/.test(file) || !file.endsWith('.ts'));
  for (const file of [...wanted, ...PROGRAMS].filter((name) => !isCloneOnly(name))) {
    fs.mkdirSync(path.join(DIST, path.dirname(file)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, file), path.join(DIST, file));
  }
  for (const file of filesOf(DIST).filter(isCloneOnly)) fs.rmSync(path.join(DIST, file));
}

/** Points what a file imports of the vendored packages to where they are. */
function redirect(file: string): void {
  if (!/\.(js|cjs|ts)$/.test(file)) return;
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(
    /(?<=\b(?:from|require|require\.resolve|import) ?\(?)(["'])([^"'\n]+)\1/g,
    (all, quote, name) => {
      const found = Object.keys(VENDORED).find((key) => name === key || name.startsWith(`${key}/`));
      if (!found) return all as string;
      const place = path.posix.relative(path.dirname(file), path.join(DIST, VENDORED[found]));
      return `${quote}${place.startsWith('.') ? '' : './'}${place}${(name as string).slice(found.length)}${quote}`;
    },
  );
  if (changed !== text) fs.writeFileSync(file, changed);
}

void main();
