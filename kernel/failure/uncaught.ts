// Errors that nothing caught. The kernel hears of them whatever a cell does with the listeners of the process: Node ends the
// process where there is none, or where one of them throws.

type Report = (thrown: unknown, rejected?: Promise<unknown>) => void;
type Emit = (event: string | symbol, ...values: unknown[]) => boolean;

/** What Node calls them. */
const EVENTS = ['uncaughtException', 'unhandledRejection'];

/** To be called once. Listeners of cells are called, too. */
export function hearUncaught(report: Report): void {
  const emit = process.emit as Emit;
  const heard: Emit = function (this: NodeJS.Process, event, ...values) {
    if (typeof event !== 'string' || !EVENTS.includes(event)) return emit.call(this, event, ...values);
    const [thrown, from] = values;
    report(thrown, event === 'unhandledRejection' ? (from as Promise<unknown>) : undefined);
    try {
      emit.call(this, event, ...values);
    } catch (error) {
      report(error);
    }
    return true;
  };
  process.emit = heard as typeof process.emit;
}
