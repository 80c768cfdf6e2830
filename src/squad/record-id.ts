// Ids as files have them: texts, numbers, and what data bases write.
import { asText, isBlank, isObject } from './loose';

/** What MongoDB puts an id into: `{"$oid": "5f0c"}`. */
const WRAPPED = ['$oid', '$numberLong', '$numberInt', '$uuid'];

/** An id without what a data base puts around it. */
export function plainId(id: unknown): unknown {
  if (!isObject(id)) return id;
  const [name, ...others] = Object.keys(id);
  return others.length === 0 && WRAPPED.includes(name) ? id[name] : id;
}

/** The id of one of several questions of a record: `7`, `7-2`; without an id of its own, by the number of the record. */
export function partOf(id: unknown, part: number, record: number): unknown {
  if (part === 0) return id;
  const own = asText(plainId(id));
  return `${isBlank(own) ? `row-${record}` : own}-${part + 1}`;
}
