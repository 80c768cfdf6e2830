// `import './page.css'` in a cell does to the notebook's page what it does to others.
import fs from 'node:fs';
import NodeModule from 'node:module';

/** @param show Shows HTML in the page. */
export function installStyles(show: (html: string) => unknown): void {
  const { _extensions: loaders } = NodeModule as unknown as { _extensions: NodeJS.RequireExtensions };
  loaders['.css'] = (module, file) => {
    module.exports = fs.readFileSync(file, 'utf8');
    show(`<style>${String(module.exports).replaceAll('</', '<\\/')}</style>`);
  };
}
