// The running of cells, one after the other, by tslab's executor.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CompileError } from '../mends/diagnostics';
import { compileFailure } from '../mends/diagnostics';
import { renewStopListeners } from '../mends/signals';
import { Sources } from '../mends/sources';
import type { Executor } from '../tslab';
import { createExecutor } from '../tslab';
import { isOwnSignal, noteStop, pendingStops, setCooperative } from '../wire/stop';
import { Awaits } from './awaits';
import type { Publish } from './cell';
import { Cell, Interrupted } from './cell';
import { CellConverter } from './converter';
import type { Failure } from '../failure/failure';
import { toFailure } from '../failure/failure';
import { countResources, settle } from './settle';

/** How long Node's watch for the stop signal may take to end a cell. */
const SIGNAL_MS = 300;

/** How a cell ended. */
export interface Outcome {
  cell: Cell;
  failure?: Failure;
  /** Whether a stop was asked for: what is queued behind it does not run. */
  stopped: boolean;
}

/** An error of a cell that had ended, told by the next: a broken notebook must not pass. */
class BackgroundError extends Error {
  override readonly name = 'BackgroundError';
}

export class Session {
  readonly executor: Executor;
  private readonly sources: Sources;
  readonly converter: CellConverter;
  private readonly context = new AsyncLocalStorage<Cell>();
  private readonly awaits = new Awaits(
    () => this.context.getStore(),
    () => this.checkLoop(),
  );
  /** Errors of cells that had ended, not yet told. */
  private readonly late: string[] = [];
  private reports: unknown[][] = [];
  private value: unknown;
  private last?: Cell;
  private serial = 0;
  /** Whether the part of a cell before its first await runs, in which Node itself watches for the stop signal. */
  private isSynchronous = false;
  private stopSeen = 0;

  constructor(
    root: string,
    private readonly stopFlags: Int32Array,
  ) {
    this.sources = new Sources(root);
    this.converter = new CellConverter(root, this.sources, () => this.checkConverted());
    this.executor = createExecutor(root, this.converter, {
      log: (value) => (this.value = value),
      error: (...parts) => this.reports.push(parts),
    });
    this.awaits.install();
  }

  /** The cell that what runs now belongs to: its own, also after its end; else the last one. */
  get current(): Cell | undefined {
    return this.context.getStore() ?? this.last;
  }

  /** Runs a cell to its end; everything it shows goes to `publish`. It never throws. */
  async run(code: string, count: number, publish: Publish): Promise<Outcome> {
    const cell = new Cell(++this.serial, count, publish);
    this.last = cell;
    this.stopSeen = 0;
    noteStop(this.stopFlags);
    isOwnSignal(this.stopFlags);
    setCooperative(this.stopFlags, false);
    const resources = countResources();
    let failure = await this.execute(code, cell);
    failure ??= await attempt(() => cell.showResult(this.value));
    failure ??= await attempt(() => cell.shown());
    await settle(cell, resources);
    if (failure) cell.publish('error', failure);
    failure ??= cell.background[0] ?? this.tellLate(cell);
    cell.ended = true;
    return { cell, failure, stopped: cell.stop.signal.aborted };
  }

  /** The stop button: loops that look at `interrupted()` end in good order, the rest ends at once. */
  stop(): void {
    noteStop(this.stopFlags);
    const cell = this.last;
    if (!cell || cell.ended) return;
    const again = cell.stop.signal.aborted;
    cell.stop.abort(new Interrupted('the cell was stopped'));
    if (cell.isCooperative && !again) {
      cell.print('stderr', 'stopping after this step (stop again to end it at once)\n');
      return;
    }
    this.awaits.end(cell);
    // a cell that catches what stops it is waited for no longer
    setTimeout(() => !cell.ended && this.executor.interrupt(), 100);
  }

  /** The stop button, as a message: it may have been heard already. */
  hearStop(): void {
    if (pendingStops(this.stopFlags) > 0) this.stop();
  }

  /** Whether the cell that asks was told to stop, by now or while it kept the event loop busy. */
  isStopped(): boolean {
    const cell = this.makeCooperative();
    if (cell && !cell.ended) this.hearStop();
    return cell?.stop.signal.aborted ?? false;
  }

  get stopSignal(): AbortSignal {
    return (this.makeCooperative()?.stop ?? new AbortController()).signal;
  }

  private makeCooperative(): Cell | undefined {
    const cell = this.current;
    if (!cell || cell.isCooperative) return cell;
    cell.isCooperative = true;
    if (!cell.ended) setCooperative(this.stopFlags, true);
    return cell;
  }

  /** What the loops of cells ask: ends one that a stop does not reach otherwise. */
  private checkLoop(): void {
    const pending = pendingStops(this.stopFlags);
    if (pending === 0) return;
    const cell = this.current;
    if (!cell || cell.ended) return;
    const isPolite = cell.isCooperative && pending === 1 && !cell.stop.signal.aborted;
    if (isPolite || (this.isSynchronous && !this.isSignalLost())) return;
    this.stop();
    throw new Interrupted('the cell was stopped');
  }

  /** Two ways of ending a cell must not meet: the signal has its time before the loop ends by itself. */
  private isSignalLost(): boolean {
    const now = performance.now();
    if (this.stopSeen === 0) this.stopSeen = now;
    return now - this.stopSeen > SIGNAL_MS;
  }

  /** A stop that came while the cell was compiled, when nothing watched for it. */
  private checkConverted(): void {
    if (pendingStops(this.stopFlags) > 0) throw new Interrupted('the cell was stopped');
  }

  /** An error that nothing caught, in the cell it belongs to. */
  reportBackground(thrown: unknown): void {
    const cell = this.current;
    if (thrown instanceof Interrupted) return;
    if (!cell) return void process.stderr.write(`kernel: ${toFailure(thrown).traceback.join('\n')}\n`);
    const failure = cell.reportBackground(thrown);
    if (cell.ended)
      this.late.push(`cell [${cell.count}] failed after it had ended: ${failure.ename}: ${failure.evalue}`);
  }

  private async execute(code: string, cell: Cell): Promise<Failure | undefined> {
    this.reports = [];
    this.value = undefined;
    this.converter.begin(cell.serial, cell.count);
    this.sources.refreshModules();
    const { locals } = this.executor;
    const before = { ...locals };
    let ok = false;
    try {
      this.isSynchronous = true;
      const running = this.context.run(cell, () => this.executor.execute(code));
      this.isSynchronous = false;
      renewStopListeners();
      ok = await running;
    } catch (error) {
      this.reports.push([error]);
    }
    this.sources.noteModules();
    // what has the value it had before was not assigned, or might as well not have been
    this.converter.finish(
      ok,
      (name) => Object.hasOwn(locals, name) && !(Object.hasOwn(before, name) && Object.is(before[name], locals[name])),
    );
    return ok ? undefined : this.toFailure(cell, this.converter.errors);
  }

  private toFailure(cell: Cell, errors: CompileError[]): Failure {
    if (errors.length > 0) return compileFailure(errors, cell.count);
    const [thrown] = this.reports[0] ?? [new Error('the cell failed')];
    if (!isStop(thrown)) return toFailure(thrown);
    noteStop(this.stopFlags);
    cell.stop.abort();
    return this.awaits.failure(cell, thrown);
  }

  private tellLate(cell: Cell): Failure | undefined {
    const late = this.late.splice(0);
    if (late.length === 0) return undefined;
    const failure = toFailure(new BackgroundError(`${late.join('; ')} (this cell itself ran to its end)`));
    cell.publish('error', failure);
    return failure;
  }
}

/** What ends a stopped cell: our own error, Node's for the synchronous part, tslab's for the wait. */
function isStop(thrown: unknown): boolean {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  return (
    thrown instanceof Interrupted ||
    code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' ||
    message === 'Interrupted asynchronously'
  );
}

async function attempt(show: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await show();
    return undefined;
  } catch (error) {
    return toFailure(error);
  }
}
