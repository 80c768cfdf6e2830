// The running of cells, one after the other.
import type { CompiledCell } from '../debug/scripts';
import { Imports } from '../imports/imports';
import { type Failure, toFailure, withPlace } from '../failure/failure';
import { rememberCell, scriptName } from '../failure/locations';
import { noteThrow } from '../failure/trail';
import { type Script, CellConverter } from '../typescript/converter';
import { compileFailure } from '../typescript/diagnostics';
import { AWAITED_NAME, KERNEL_NAME, WAIT_NAME } from '../typescript/names';
import { Sources } from '../typescript/sources';
import { isBeingEnded, isDebugged, noteStop, pendingStops } from '../wire/stop';
import { Awaits } from './awaits';
import { type Publish, Cell, Interrupted } from './cell';
import { CellContext } from './context';
import { type End, Executor } from './executor';
import { type CellHandle, constant } from './handle';
import { countResources, settle } from './settle';
import { Stoppable } from './stoppable';
import { Stops } from './stops';
import { trapPromises } from './trap';

const STOPPED = { ended: 'terminated' } as const;

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
  readonly converter: CellConverter;
  readonly stops: Stops;
  private readonly sources: Sources;
  private readonly context = new CellContext();
  private readonly awaits = new Awaits(() => this.context.current);
  private readonly imports: Imports;
  private readonly handle: CellHandle;
  private readonly executor: Executor;
  readonly stoppable: Stoppable;
  /** Errors of cells that had ended, not yet told. */
  private readonly late: string[] = [];
  /** Ends the cell that runs with an error, whatever it waits for. */
  fail: (thrown: unknown) => void = () => undefined;
  /** Waits for the person whom the code of a cell has asked, and left waiting. */
  untilAnswered: () => Promise<void> = () => Promise.resolve();
  /** What cells find as `_`. */
  private lastValue: unknown;
  private serial = 0;
  private isHeld: () => boolean = () => false;

  constructor(
    folder: string,
    private readonly stopFlags: Int32Array,
    isJavaScript = false,
    /** Shows the debugger a cell before it runs. */
    private readonly prepare: (cell: CompiledCell) => Promise<void> = () => Promise.resolve(),
  ) {
    this.sources = new Sources();
    this.imports = new Imports(folder);
    this.converter = new CellConverter(
      folder,
      this.sources,
      (specifier) => this.imports.isImmediate(specifier),
      isJavaScript,
      () => isDebugged(stopFlags),
    );
    const { imports, awaits } = this;
    this.handle = {
      constant,
      each: awaits.each,
      thrown: noteThrow,
      meta: imports.meta,
      load: (specifier) => imports.load(specifier),
      import: (specifier, options) => imports.import(specifier, options),
      prepareEnd: () => this.prepareEnd(),
      isHeld: () => this.isHeld(),
    };
    this.executor = new Executor(this.handle, KERNEL_NAME);
    this.stoppable = new Stoppable(this.executor, stopFlags);
    this.stops = new Stops(stopFlags, awaits, this.stoppable, () => this.current);
    Object.defineProperty(globalThis, '_', { get: () => this.lastValue, set: () => undefined, configurable: true });
    Object.defineProperty(globalThis, AWAITED_NAME, { value: undefined, writable: true, configurable: true });
    Object.defineProperty(globalThis, WAIT_NAME, { value: awaits.wait, configurable: true });
    defineCommon(imports, folder);
  }

  /** The cell that what runs now belongs to: its own, also after its end; else the last one. */
  get current(): Cell | undefined {
    return this.context.current;
  }

  /** {@link current}, where that is sure. */
  get surelyCurrent(): Cell | undefined {
    return this.context.sure;
  }

  /** Runs a cell to its end; everything it shows goes to `publish`. It never throws. */
  async run(code: string, count: number, publish: Publish): Promise<Outcome> {
    const cell = new Cell(++this.serial, count, publish);
    this.stops.begin(cell);
    const failure = await this.runToEnd(code, cell).catch((error: unknown) => tellOf(cell, error));
    cell.ended = true;
    return { cell, failure, stopped: cell.stop.signal.aborted };
  }

  /** Calls a listener of a cell, which may be ended by force as the cell may. */
  listen(call: () => void): void {
    const goOn = this.stoppable.suspend();
    this.stoppable.rest();
    this.executor.call(call);
    this.stoppable.suspend();
    goOn();
  }

  /** An error that nothing caught, in the cell it belongs to. It never throws: Node would end the process. */
  reportBackground(thrown: unknown, rejected?: Promise<unknown>): void {
    const cell = this.current;
    if (Interrupted.is(thrown) || (rejected && this.awaits.hasHeardOf(rejected))) return;
    if (!cell) return void process.stderr.write(`kernel: ${toFailure(thrown).traceback.join('\n')}\n`);
    const failure = cell.reportBackground(thrown);
    if (cell.ended)
      this.late.push(`cell [${cell.count}] failed after it had ended: ${failure.ename}: ${failure.evalue}`);
  }

  /** Before code is ended by force; false where it must not be ended at this moment. */
  private prepareEnd(): boolean {
    if (!this.context.unfollow(this.executor.frames())) return false;
    this.isHeld = trapPromises(this.executor.frames, () => !isBeingEnded(this.stopFlags));
    return true;
  }

  private async runToEnd(code: string, cell: Cell): Promise<Failure | undefined> {
    const resources = countResources();
    let failure = await this.compileAndRun(code, cell);
    const { aborted } = cell.stop.signal;
    const value = this.takeValue();
    if (!failure && value !== undefined) this.lastValue = value;
    failure ??= await this.call(cell, () => attempt(() => cell.showResult(value)));
    failure ??= await this.call(cell, () => attempt(() => cell.shown()));
    // what the cell has left running is watched a little; a stop that comes meanwhile is one of the cell
    await this.stoppable.run((ends) => void settle(cell, resources).then(() => ends(undefined)), undefined);
    const isStopped = pendingStops(this.stopFlags) > 0 || (cell.stop.signal.aborted && !aborted);
    if (isStopped) failure ??= this.toStop(cell);
    if (failure) cell.publish('error', failure);
    return failure ?? cell.background[0] ?? this.tellLate(cell);
  }

  private async compileAndRun(code: string, cell: Cell): Promise<Failure | undefined> {
    this.handle.value = undefined;
    this.sources.refreshModules();
    const converted = this.converter.convert(code, cell.serial);
    if (Array.isArray(converted)) return converted.length > 0 ? compileFailure(converted, cell.count) : undefined;
    rememberCell(cell.serial, cell.count, code, converted.map);
    await this.prepare({ url: scriptName(cell.serial), code, map: converted.map });
    const { variables } = converted;
    const before = this.executor.values(variables);
    const end = await this.execute(converted, cell);
    this.sources.noteModules();
    const after = this.executor.values(end.ended === 'well' ? [] : variables);
    // what has the value it had before was not assigned, or might as well not have been
    this.converter.finish(
      end.ended === 'well',
      (name) => after.has(name) && !(before.has(name) && Object.is(before.get(name), after.get(name))),
    );
    return this.toFailure(cell, end);
  }

  private execute({ javascript }: Script, cell: Cell): Promise<End> {
    // a stop that came while the cell was compiled
    if (pendingStops(this.stopFlags) > 0 || cell.stop.signal.aborted) return Promise.resolve(STOPPED);
    this.awaits.prepare();
    const script = `${javascript}\nvoid 0\n//# sourceURL=${scriptName(cell.serial)}`;
    return this.stoppable.run<End>((ends) => {
      // what was to be stopped and had no time to hear of it was stopped: by the end of its child, say
      let isOver = false;
      const end = (ended: End) => {
        if (!isOver) ends(pendingStops(this.stopFlags) > 0 ? STOPPED : ended);
        isOver = true;
      };
      this.fail = (thrown) => end({ ended: 'thrown', thrown });
      const run = this.context.run(cell, () => this.executor.run(script));
      void run.then((ended) => this.untilOver(cell, ended)).then(end);
    }, STOPPED);
  }

  /** Waits for the person whom a cell has asked; for a stopped one, as long as it tidies up. */
  private async untilOver(cell: Cell, end: End): Promise<End> {
    if (cell.stop.signal.aborted) await this.stops.tidied(cell);
    else if (end.ended === 'well') await this.untilAnswered();
    return end;
  }

  /** Shows or tells something of a cell; what its values do meanwhile can take its time, and be stopped. */
  private async call(cell: Cell, tell: () => Promise<Failure | undefined>): Promise<Failure | undefined> {
    const end = await this.stoppable.run<'stopped' | Failure | undefined>((ends) => {
      const begin = () => void this.context.goOn(cell, tell).then(ends);
      if (!this.executor.call(begin)) ends('stopped');
    }, 'stopped');
    return end === 'stopped' ? this.toStop(cell) : end;
  }

  private toFailure(cell: Cell, end: End): Promise<Failure | undefined> | Failure | undefined {
    if (end.ended === 'well') return undefined;
    if (end.ended === 'terminated') return this.toStop(cell);
    const { thrown, place } = end;
    if (Interrupted.is(thrown)) return this.toStop(cell, thrown);
    return this.call(cell, () => Promise.resolve(withPlace(toFailure(thrown), cell.serial, place)));
  }

  private toStop(cell: Cell, thrown: unknown = new Interrupted('the cell was stopped')): Failure {
    noteStop(this.stopFlags);
    cell.stop.abort();
    return this.awaits.failure(cell, thrown);
  }

  private takeValue(): unknown {
    const { value } = this.handle;
    this.handle.value = undefined;
    return value;
  }

  private tellLate(cell: Cell): Failure | undefined {
    const late = this.late.splice(0);
    if (late.length === 0) return undefined;
    const failure = toFailure(new BackgroundError(`${late.join('; ')} (this cell itself ran to its end)`));
    cell.publish('error', failure);
    return failure;
  }
}

/** Something of the kernel's own has failed: the cell is to end all the same. */
function tellOf(cell: Cell, error: unknown): Failure {
  const failure = toFailure(error);
  cell.publish('error', failure);
  return failure;
}

async function attempt(show: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await show();
    return undefined;
  } catch (error) {
    return toFailure(error);
  }
}

/** What a file of CommonJS has; not listed among the globals, as a file's are not. */
function defineCommon({ require, filename }: Imports, folder: string): void {
  const module = { exports: {} };
  const common = { require, module, exports: module.exports, __filename: filename, __dirname: folder };
  for (const [name, value] of Object.entries(common)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
