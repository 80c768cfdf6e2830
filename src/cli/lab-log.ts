// What a person reads of JupyterLab's log: warnings, errors, what kernels write, and the address, last and alone.

/** A line of the log: its level and its message. */
const RECORD = /^\[([DIWEC]) [\d-]+ [\d:.]+ \w+\] ?(.*)$/;
/** Where the server says that it runs, with the token that lets a browser in. */
const ADDRESS = /^(?:Or )?(https?:\/\/\S+)$/;

/**
 * Takes the lines of the log one after another.
 *
 * @example const log = new LabLog(); log.take('[I 2026-01-01 10:00:00.000 ServerApp] http://localhost:8888/lab') // { address: 'http://…' }
 */
export class LabLog {
  private isInBlock = false;
  private isKnown = false;

  /** What is to be shown of a line: all of it, the address in it, or nothing. */
  take(line: string): { text?: string; address?: string } {
    const [record, level, message = ''] = RECORD.exec(line) ?? [];
    // the address again, with a file that opens it
    if (record !== undefined) this.isInBlock = level === 'C' && message === '';
    else if (this.isInBlock && /^\s|^$/.test(line)) return {};
    else return { text: line };
    if (this.isInBlock) return {};
    if (!'DI'.includes(level)) return { text: line };
    const [, address] = (!this.isKnown && ADDRESS.exec(message)) || [];
    if (address === undefined) return {};
    this.isKnown = true;
    return { address };
  }
}

/** Whether a person asked for the log themselves. */
export function wantsLog(args: string[]): boolean {
  return args.some((arg) => /^--debug$|log.?level/i.test(arg));
}
