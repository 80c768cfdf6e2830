// Two dependencies that come inside the package, because npm cannot install them from there: the install script of
// `@tensorflow/tfjs-node-gpu` downloads a CUDA build that no current GPU runs, and danfojs asks for a second TensorFlow and for a
// file from outside the registry (in the clone `ignore-scripts` and `overrides` keep both away; packages have neither).
import fs from 'node:fs';
import path from 'node:path';
import { type Plugin, build } from 'esbuild';

const ROOT = path.resolve(__dirname, '..');
/** What danfojs reads tables from the network and from Excel with. */
const LEFT_OUT = ['node-fetch', 'request', 'xlsx'];

/** Copies the binding without its scripts, tests and sources: what runs, and the C++ that the set-up compiles. */
export function vendorBinding(target: string): void {
  const source = path.join(ROOT, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  const isWanted = (file: string) => !/_test\.|run_tests\.|\.(gyp|map)$/.test(file);
  for (const folder of ['dist', 'binding']) {
    fs.cpSync(path.join(source, folder), path.join(target, folder), { recursive: true, filter: isWanted });
  }
  const file = path.join(source, 'package.json');
  const { name, version, license, main, types, binary } = JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
  const manifest = { name, version, license, main, types, binary };
  fs.writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

type Manifest = Record<'name' | 'version' | 'license' | 'main' | 'types' | 'binary', unknown>;

const withoutNetwork: Plugin = {
  name: 'without-network',
  setup(bundler) {
    const message = 'tables come from files here: fetch the file first, and save Excel sheets as CSV';
    const contents = `module.exports = new Proxy(() => { throw new Error('${message}'); }, {
      get: (target, name) => (name === '__esModule' ? false : target) });`;
    bundler.onResolve({ filter: new RegExp(`^(${LEFT_OUT.join('|')})$`) }, ({ path: name }) => ({
      path: name,
      namespace: 'left-out',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents }));
  },
};

/** Bundles danfojs with what it uses into one file, beside its types and its licences. */
export async function vendorDanfojs(target: string, tensorflow: string): Promise<void> {
  const source = path.join(ROOT, 'node_modules', 'danfojs-node');
  await build({
    entryPoints: [path.join(source, 'dist', 'danfojs-node', 'src', 'index.js')],
    outfile: path.join(target, 'index.js'),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node20',
    legalComments: 'external',
    // danfojs asks for the smaller file where there is a window
    alias: { '@tensorflow/tfjs-node': tensorflow, 'plotly.js-dist-min': 'plotly.js-dist' },
    external: [tensorflow, '@tensorflow/tfjs', 'plotly.js-dist'],
    plugins: [withoutNetwork],
    logLevel: 'error',
  });
  copyTypes(path.join(source, 'dist'), path.join(target, 'types'));
  fs.writeFileSync(path.join(target, 'index.d.ts'), "export * from './types/danfojs-node/src';\n");
}

/** What the types say of packages that are not installed becomes `any`. */
function copyTypes(from: string, to: string): void {
  for (const name of fs.readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const text = fs
      .readFileSync(path.join(from, name), 'utf8')
      .replace(/^\/\/\/ <reference .*$/gm, '')
      .replace(/^import \{([^}]*)\} from ["'](?!\.|stream)[^"']*["'];$/gm, (_, names: string) =>
        names.replace(/\s*(\w+)\s*,?/g, 'type $1 = any;\n'),
      )
      .replace(
        /^import (\w+) from ["'](?!\.|stream)[^"']*["'];$/gm,
        'declare namespace $1 { type CoreOptions = any; type RequiredUriUrl = any }',
      );
    fs.mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
    fs.writeFileSync(path.join(to, name), text);
  }
}
