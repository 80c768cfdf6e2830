// How the variables of cells are called in V8. At the top of a script a variable hides the global of its name from everything
// that runs, packages and Node included: `const process = 1` must not take Node's away. Such a variable gets another name.

/** The name under which the kernel is found by compiled cells, and by its own second thread. */
export const KERNEL_NAME = '__kernel';

/** What is awaited, and what is asked before V8 awaits it: globals, because a call by `__kernel` takes room on the stack. */
export const AWAITED_NAME = `${KERNEL_NAME}_awaited`;
export const WAIT_NAME = `${KERNEL_NAME}_wait`;

const SUFFIX = '__cell';

/** What libraries look for to find out where they run. */
const LOOKED_FOR = ['window', 'document', 'self', 'location', 'define', 'importScripts', 'Deno', 'Bun', 'jest'];

export class Names {
  private readonly taken = new Map<string, boolean>();
  /** Names that functions of cells use. */
  private readonly captured = new Set<string>();
  private isCodeMade = false;

  /** The name in V8, decided when the name is first seen: a global that comes later changes nothing. */
  emitted(name: string): string {
    const isTaken = this.taken.get(name) ?? (name in globalThis || LOOKED_FOR.includes(name));
    this.taken.set(name, isTaken);
    return isTaken ? `${name}${SUFFIX}` : name;
  }

  /** The name of a variable that holds the value of another for a while. */
  local(name: string): string {
    return `${this.emitted(name)}${SUFFIX}`;
  }

  noteCaptured(name: string): void {
    this.captured.add(name);
  }

  /** A cell makes code out of text, which may use any variable. */
  noteMadeCode(): void {
    this.isCodeMade = true;
  }

  /** Whether a function of any cell may use a variable of this name. */
  isCaptured(name: string): boolean {
    return this.isCodeMade || this.captured.has(name);
  }
}

/** Whether a text has no names but those of the cell: told quickly, however long it is. */
export function isWritten(text: string): boolean {
  return !text.includes(SUFFIX);
}

/** The name in the cell. */
export function writtenName(emitted: string): string {
  return emitted.endsWith(SUFFIX) ? writtenName(emitted.slice(0, -SUFFIX.length)) : emitted;
}
