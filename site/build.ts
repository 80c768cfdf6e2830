// `npm run site`: the course as a static site, which needs nothing but a browser: JupyterLite, our kernel in a worker, notebooks,
// data and the encoder.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { report } from '../src/cli/report';
import { megabytes, folderSize } from '../src/setup/folder';
import { say } from '../src/shell';
import { writeApp } from './app';
import { packFiles } from './browser/zip';
import { bundleExtension, bundleForBrowsers, bundleKernel, bundlePages, bundleServer, bundleView } from './bundle';
import { writeContents } from './contents';
import { writeEncoder } from './encoder';
import { writeFiles } from './files';
import { declarationPack } from './types';

const SITE = path.resolve(__dirname, '..', 'dist-site');

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { out: { type: 'string', default: SITE }, zip: { type: 'string' } } });
  const out = path.resolve(values.out);
  fs.rmSync(out, { recursive: true, force: true });
  await writeApp(out);
  const vm = path.join(out, 'vm');
  fs.mkdirSync(vm, { recursive: true });
  say('bundling the kernel and the library');
  await bundleKernel(vm);
  await bundleForBrowsers(path.join(__dirname, 'playground', 'worker.ts'), path.join(vm, 'playground.js'));
  await bundlePages(out);
  await bundleServer(path.join(out, 'serve.cjs'));
  await bundleExtension(path.join(out, 'extensions', 'spanlab-kernel', 'remoteEntry.js'));
  await bundleView(path.join(out, 'extensions', 'spanlab-view'));
  say('writing declarations');
  fs.writeFileSync(path.join(vm, 'types.json'), JSON.stringify(declarationPack()));
  await writeFiles(vm, writeContents(out));
  say('writing the encoder');
  await writeEncoder(path.join(out, 'encoder'));
  process.stdout.write(`${path.relative(process.cwd(), out) || out}  ${megabytes(folderSize(out))}\n`);
  if (values.zip) await writeZip(out, path.resolve(values.zip));
}

/** The whole site as one file, which `spanlab site serve` takes as it is. */
async function writeZip(folder: string, file: string): Promise<void> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
  const contents = files.map((name): [string, Uint8Array] => [
    name.split(path.sep).join('/'),
    fs.readFileSync(path.join(folder, name)),
  ]);
  fs.writeFileSync(file, Buffer.from(await packFiles('', contents).arrayBuffer()));
  process.stdout.write(`${path.relative(process.cwd(), file)}  ${megabytes(fs.statSync(file).size)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = report(error, 'site');
});
