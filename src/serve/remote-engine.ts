// A model in a process of its own: what kills it (a native library, a full memory) or holds it for ever ends a request, not the server.
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { isInstalled, loaderArguments } from '../root';
import { RequestError } from './errors';
import { type Engine, EngineLost } from './engine';
import { type Order, type Report, fromFailure } from './messages';
import type { Task, TaskResult } from './task';

/** Work that nobody waits for ends between two batches; one that takes longer, in milliseconds, hangs. */
const HANGS_AFTER = 15_000;
/** Between the end of a process and the next one, doubled with each failure to start, in milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;

const PROGRAM = path.join(__dirname, `engine-process.${isInstalled() ? 'js' : 'ts'}`);

interface Pending {
  resolve(results: TaskResult[]): void;
  reject(reason: unknown): void;
}

/** Starts the process again whenever it ends. */
export class RemoteEngine implements Engine {
  nullThreshold?: number;
  notes: string[] = [];
  private child?: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private starting?: Promise<void>;
  private isClosed = false;
  /** Whether the process has its model. */
  private isOpen = false;
  private count = 0;
  private failures = 0;

  private constructor(private readonly args: string[]) {}

  /** @throws what opening the model throws */
  static async start(folder: string, backend?: string): Promise<RemoteEngine> {
    const engine = new RemoteEngine(backend === undefined ? [folder] : [folder, backend]);
    try {
      await engine.open();
    } catch (error) {
      await engine.close(); // its process would keep ours from ending
      throw error;
    }
    return engine;
  }

  /** The number of the process, for those who want to know what it takes. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  async run(tasks: Task[], signal: AbortSignal): Promise<TaskResult[]> {
    await this.isReady();
    signal.throwIfAborted();
    const id = this.count++;
    const { child } = this;
    let timer: NodeJS.Timeout | undefined;
    const cancel = () => {
      this.tell({ cancel: id });
      timer = setTimeout(() => child?.kill('SIGKILL'), HANGS_AFTER);
    };
    try {
      return await new Promise<TaskResult[]>((resolve, reject) => {
        this.pending.set(id, { resolve, reject });
        signal.addEventListener('abort', cancel, { once: true });
        this.tell({ id, run: tasks });
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      this.pending.delete(id);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL'); // it holds nothing that could be lost
    await gone;
  }

  /** @throws RequestError 503 while the model cannot be had */
  private async isReady(): Promise<void> {
    try {
      // one start is waited for; where that did not help, nobody waits for the next ones
      if (this.isOpen || this.failures < 2) await this.starting;
    } catch {
      // said below
    }
    if (this.isOpen && this.child?.connected) return;
    throw new RequestError(503, 'E_ENGINE', 'the model is being loaded again; try again soon', { 'Retry-After': '5' });
  }

  private tell(order: Order): void {
    // a process that is gone says so by its end
    if (this.child?.connected) this.child.send(order, () => undefined);
  }

  private open(): Promise<void> {
    const options = { execArgv: loaderArguments(), stdio: ['ignore', 2, 2, 'ipc'] as ('ignore' | 2 | 'ipc')[] };
    const child = fork(PROGRAM, this.args, options);
    this.child = child;
    return (this.starting = new Promise((resolve, reject) => {
      child.on('message', (report: Report) => {
        if ('ready' in report) {
          this.failures = 0;
          this.isOpen = true;
          [this.nullThreshold, this.notes] = [report.nullThreshold, report.notes];
          resolve();
        } else if ('id' in report) this.settle(report);
        else {
          reject(fromFailure(report.failed));
          child.kill('SIGKILL'); // it would answer nothing; the next one may find the model again
        }
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const lost = new EngineLost(`the process with the model ended with ${signal ?? code}`);
        reject(lost);
        this.lose(child, lost);
      });
    }));
  }

  private settle(report: Extract<Report, { id: number }>): void {
    const pending = this.pending.get(report.id);
    if ('results' in report) pending?.resolve(report.results);
    else pending?.reject(fromFailure(report.failed));
  }

  /** All that it had is lost; the next process is started, later and later where that does not help. */
  private lose(child: ChildProcess, lost: EngineLost): void {
    if (this.child !== child) return;
    this.isOpen = false;
    for (const { reject } of this.pending.values()) reject(lost);
    if (this.isClosed) return;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures++);
    const next = new Promise((resolve) => setTimeout(resolve, pause).unref());
    this.starting = next.then(() => (this.isClosed ? undefined : this.open()));
    this.starting.catch(() => undefined);
  }
}
