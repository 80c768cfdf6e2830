// Whether a command line fits its command: the parser takes unknown options and missing values without a word.
import type { ArgDef, ArgsDef } from 'citty';
import { UsageError } from './usage';

/**
 * Checks arguments against their definitions: a mistyped option must not train for hours with the default.
 *
 * @throws UsageError for an unknown option, an option without its value, or an argument too many.
 * @example checkArguments({ seed: { type: 'string' } }, ['--sed', '1']) // unknown option --sed
 */
export function checkArguments(definitions: ArgsDef, args: string[]): void {
  const places = Object.values(definitions).filter((definition) => definition.type === 'positional').length;
  let given = 0;
  for (let i = 0; i < args.length; i++) {
    if (isOption(args[i])) i += checkOption(definitions, args[i], args[i + 1]);
    else if (++given > places) throw new UsageError(`unexpected argument "${args[i]}"`);
  }
}

const isOption = (arg: string) => /^-[^\d]/.test(arg);

/** @returns how many of the arguments that follow belong to the option */
function checkOption(definitions: ArgsDef, option: string, next?: string): number {
  const [, dashes, name, value] = /^(--?)([^=]*)(=.*)?$/s.exec(option)!;
  const definition = find(definitions, name) ?? negated(definitions, name);
  if (!definition || (dashes === '-' && name.length > 1)) throw new UsageError(`unknown option ${dashes}${name}`);
  if (definition.type === 'boolean' || value !== undefined) return 0;
  if (next === undefined || next.startsWith('--')) {
    throw new UsageError(`--${name} needs a value (write --${name}=… for one that begins with --)`);
  }
  return 1;
}

function find(definitions: ArgsDef, name: string): ArgDef | undefined {
  const entry = Object.entries(definitions).find(
    ([key, { type, ...rest }]) =>
      type !== 'positional' &&
      [key, camelCase(key), ...[(rest as { alias?: string | string[] }).alias ?? []].flat()].includes(name),
  );
  return entry?.[1];
}

function negated(definitions: ArgsDef, name: string): ArgDef | undefined {
  const definition = name.startsWith('no-') ? find(definitions, name.slice(3)) : undefined;
  return definition?.type === 'boolean' ? definition : undefined;
}

const camelCase = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
