// `spanlab kernel install` and `spanlab kernel uninstall`: the notebook kernel in Jupyters that spanlab did not set up.
import { defineCommand } from 'citty';
import type { KernelPlace } from '../setup/kernelspec';
import { installKernel, isVolatile, uninstallKernel } from '../setup/kernelspec';
import { jsonOption } from './options';
import { printResult } from './result';
import { UsageError } from './usage';
import { say } from '../terminal';

const args = {
  user: { type: 'boolean', description: 'for the user, the default' },
  prefix: { type: 'string', description: "into an environment: DIR/share/jupyter, with Python's sys.prefix for DIR" },
  name: { type: 'string', description: 'the name that notebooks store (spanlab, with --js spanlab-js)' },
  js: { type: 'boolean', description: 'the kernel for JavaScript cells' },
  json: jsonOption,
} as const;

type Args = KernelPlace & { user?: boolean; json?: boolean };

function placeOf({ user, prefix, name, js }: Args): KernelPlace {
  if (user && prefix !== undefined) throw new UsageError('--user and --prefix name two places; take one');
  return { prefix, name, js };
}

const install = defineCommand({
  meta: { name: 'install', description: 'make the kernel known to Jupyter' },
  args,
  run: ({ args: given }) => {
    const folder = installKernel(placeOf(given));
    if (isVolatile()) {
      say("this copy of spanlab is in npx's cache, which npm may delete: npm install spanlab first");
    }
    printResult({ installed: folder }, given.json, `Installed: ${folder}\n`);
  },
});

const uninstall = defineCommand({
  meta: { name: 'uninstall', description: 'take it away again' },
  args,
  run: ({ args: given }) => {
    const removed = uninstallKernel(placeOf(given));
    printResult({ removed }, given.json, `Removed: ${removed}\n`);
  },
});

export default defineCommand({
  subCommands: { install, uninstall },
});
