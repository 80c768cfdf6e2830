// How the variables of cells are called in V8. At the top of a script a variable hides the global of its name from everything
// that runs, packages and Node included: `const process = 1` must not take Node's away. Such a variable gets another name.

const SUFFIX = '__cell';

/** What libraries look for to find out where they run. */
const LOOKED_FOR = ['window', 'document', 'self', 'location', 'define', 'importScripts', 'Deno', 'Bun', 'jest'];

export class Names {
  private readonly taken = new Map<string, boolean>();

  /** The name in V8, decided when the name is first seen: a global that comes later changes nothing. */
  emitted(name: string): string {
    const isTaken = this.taken.get(name) ?? (name in globalThis || LOOKED_FOR.includes(name));
    this.taken.set(name, isTaken);
    return isTaken ? `${name}${SUFFIX}` : name;
  }
}

/** The name in the cell. */
export function writtenName(emitted: string): string {
  return emitted.endsWith(SUFFIX) ? emitted.slice(0, -SUFFIX.length) : emitted;
}
