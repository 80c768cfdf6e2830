// Flags out of a schema of options: ranges and defaults are written in the schema alone.
import type * as v from 'valibot';
import type { Range } from './options';

/** What valibot keeps of a schema or of a step of its pipe. */
interface Part {
  type: string;
  requirement?: unknown;
  /** Of an optional schema. */
  wrapped?: Part;
  default?: unknown;
  pipe?: readonly Part[];
}

/**
 * The range of numbers that an entry of a schema lets pass.
 *
 * @example rangeOf(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3)) // { min: 1, integer: true }
 */
export function rangeOf(entry: v.GenericSchema): Range {
  const range: Range = {};
  const visit = (part: Part) => {
    if (part.type === 'min_value') range.min = part.requirement as number;
    if (part.type === 'max_value') range.max = part.requirement as number;
    if (part.type === 'integer') range.integer = true;
    if (part.wrapped) visit(part.wrapped);
    part.pipe?.forEach(visit);
  };
  visit(entry as unknown as Part);
  return range;
}

/**
 * A description with the default of its entry.
 *
 * @example withDefault('rows in a batch', v.optional(v.number(), 16)) // 'rows in a batch (default 16)'
 */
export function withDefault(description: string, entry: v.GenericSchema): string {
  const value = (entry as unknown as Part).default;
  if (value === undefined) return description;
  const small = typeof value === 'number' && value > 0 && value < 1e-3;
  return `${description} (default ${small ? value.toExponential() : String(value)})`;
}
