// `spanlab kernel install` and `spanlab kernel uninstall`: the notebook kernel in Jupyters that spanlab did not set up.
import { defineCommand } from 'citty';
import { type KernelPlace, installKernel, isVolatile, uninstallKernel } from '../setup/kernelspec';
import { jsonOption } from './options';
import { printResult } from './result';
import { UsageError } from './usage';
import { say } from '../terminal';

const args = {
  user: { type: 'boolean', description: 'install for the current user (the default)' },
  prefix: {
    type: 'string',
    description: "install into an environment, DIR/share/jupyter, where DIR is Python's sys.prefix",
  },
  name: { type: 'string', description: 'name that notebooks store (spanlab by default, spanlab-js with --js)' },
  js: { type: 'boolean', description: 'the kernel for cells in JavaScript' },
  json: jsonOption,
} as const;

type Args = KernelPlace & { user?: boolean; json?: boolean };

function placeOf({ user, prefix, name, js }: Args): KernelPlace {
  if (user && prefix !== undefined) throw new UsageError('--user and --prefix are two places; give one of them');
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
  meta: { name: 'uninstall', description: 'remove it again' },
  args,
  run: ({ args: given }) => {
    const removed = uninstallKernel(placeOf(given));
    printResult({ removed }, given.json, `Removed: ${removed}\n`);
  },
});

export default defineCommand({
  subCommands: { install, uninstall },
});
