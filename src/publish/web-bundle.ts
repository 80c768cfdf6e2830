// The scripts of the web page, put together from our own sources: the page answers with the code of `spanlab ask`.
import path from 'node:path';
import { type Plugin, build } from 'esbuild';
import { codeFile } from '../root';

const SOURCES = codeFile('src', 'publish', 'web');

/** What a browser has instead: its own timers, and ONNX Runtime as a file next to the page. */
const forBrowsers: Plugin = {
  name: 'for-browsers',
  setup(bundler) {
    bundler.onResolve({ filter: /^node:timers\/promises$/ }, () => ({ path: path.join(SOURCES, 'timers.ts') }));
    bundler.onResolve({ filter: /^onnxruntime-web$/ }, () => ({ path: './ort.js', external: true }));
  },
};

/**
 * The two scripts by name: what is on the screen, and the worker behind it.
 *
 * @example (await bundlePage())['page.js']
 */
export async function bundlePage(): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: ['page', 'worker'].map((name) => path.join(SOURCES, `${name}.ts`)),
    bundle: true,
    minify: true,
    write: false,
    outdir: SOURCES,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    logLevel: 'silent',
    plugins: [forBrowsers],
  });
  return Object.fromEntries(outputFiles.map((file) => [path.basename(file.path), file.text]));
}
