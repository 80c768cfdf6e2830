// The end of the kernel's process: the kernel's own affair, not that of a cell.

/** Node's own, for the kernel. */
export const endProcess = process.exit.bind(process) as (code: number) => never;

/** What `process.exit` throws in a cell: its end would take all variables along, and the front end's answer. */
export class ProcessExit extends Error {
  override readonly name = 'ProcessExit';

  constructor(code: unknown) {
    super(
      `process.exit(${code === undefined ? '' : String(code)}) would end the kernel; it goes on. To end it, shut it down or restart it`,
    );
  }
}

/** From now on `process.exit` ends the cell that calls it, with an error, and nothing else. */
export function refuseExit(): void {
  process.exit = (code) => {
    throw new ProcessExit(code);
  };
}
