// One model, many requests: they wait in a bounded queue, those that fit together run together, and long ones block no short ones.
import { EngineLost } from './engine';
import { RequestError } from './errors';

interface Job<T, R> {
  task: T;
  signal: AbortSignal;
  lane: number;
  /** Whether the engine was lost with it once: it then runs alone, so that its neighbours are safe. */
  isSuspect: boolean;
  resolve(result: R): void;
  reject(reason: unknown): void;
}

export interface QueueOptions<T, R> {
  /** Answers tasks that fit together; stops when the signal says so. */
  run(tasks: T[], signal: AbortSignal): Promise<R[]>;
  /** Whether two tasks can run together. */
  fits(first: T, other: T): boolean;
  /** Tasks of different lanes run at the same time, those of one lane one after another. */
  lane?(task: T): number;
  /** How many may wait. */
  limit: number;
  /** How many may run together. */
  batch: number;
}

/**
 * Runs one batch after another in each lane.
 *
 * @example const answers = await new ModelQueue({ run, fits, limit: 256, batch: 16 }).add(task, signal)
 */
export class ModelQueue<T, R> {
  private readonly waiting: Job<T, R>[] = [];
  private readonly busy = new Set<number>();
  private isAlone = false;

  constructor(private readonly options: QueueOptions<T, R>) {}

  /**
   * Waits for the task's turn.
   *
   * @throws RequestError 503 `E_BUSY` when too many wait, 500 `E_ENGINE` when the engine died of the task; the signal's reason
   * when it is aborted.
   */
  add(task: T, signal: AbortSignal): Promise<R> {
    signal.throwIfAborted();
    if (this.waiting.length >= this.options.limit) {
      const advice = { 'Retry-After': '1' };
      throw new RequestError(503, 'E_BUSY', `${this.waiting.length} requests are waiting; try again soon`, advice);
    }
    return new Promise<R>((resolve, reject) => {
      const job = { task, signal, lane: this.options.lane?.(task) ?? 0, isSuspect: false, resolve, reject };
      signal.addEventListener('abort', () => this.leave(job), { once: true });
      this.waiting.push(job);
      this.work();
    });
  }

  private leave(job: Job<T, R>): void {
    const place = this.waiting.indexOf(job);
    if (place >= 0) this.waiting.splice(place, 1);
    job.reject(job.signal.reason);
  }

  /** Starts what can start. */
  private work(): void {
    for (;;) {
      const batch = this.takeBatch();
      if (!batch) return;
      const { lane, isSuspect } = batch[0];
      this.busy.add(lane);
      this.isAlone = isSuspect;
      void this.runBatch(batch).finally(() => {
        this.busy.delete(lane);
        this.isAlone = false;
        this.work();
      });
    }
  }

  /** The first that may run, and those after it that fit. */
  private takeBatch(): Job<T, R>[] | undefined {
    const first = this.findFirst();
    if (!first) return undefined;
    const isMate = (job: Job<T, R>) => {
      if (job === first) return true;
      return !first.isSuspect && job.lane === first.lane && this.options.fits(first.task, job.task);
    };
    const batch = this.waiting.filter(isMate).slice(0, this.options.batch);
    for (const job of batch) this.waiting.splice(this.waiting.indexOf(job), 1);
    return batch;
  }

  /** The first whose lane is free; a suspect goes before, and waits until all lanes are. */
  private findFirst(): Job<T, R> | undefined {
    if (this.isAlone) return undefined;
    const suspect = this.waiting.find(({ isSuspect }) => isSuspect);
    if (suspect) return this.busy.size > 0 ? undefined : suspect;
    return this.waiting.find(({ lane }) => !this.busy.has(lane));
  }

  private async runBatch(jobs: Job<T, R>[]): Promise<void> {
    const stop = new AbortController();
    // the work goes on as long as anyone wants it
    const look = () => jobs.every(({ signal }) => signal.aborted) && stop.abort();
    for (const { signal } of jobs) signal.addEventListener('abort', look, { once: true });
    try {
      const results = await this.options.run(
        jobs.map(({ task }) => task),
        stop.signal,
      );
      jobs.forEach((job, i) => job.resolve(results[i]));
    } catch (error) {
      for (const job of jobs) this.fail(job, error);
    } finally {
      for (const { signal } of jobs) signal.removeEventListener('abort', look);
    }
  }

  /** Whose fault the loss of the engine was, a second run alone tells. */
  private fail(job: Job<T, R>, error: unknown): void {
    if (!(error instanceof EngineLost)) return job.reject(error);
    if (job.isSuspect) {
      const problem = `the engine failed at this question (${error.message}); ask about another text`;
      return job.reject(new RequestError(500, 'E_ENGINE', problem));
    }
    job.isSuspect = true;
    if (!job.signal.aborted) this.waiting.unshift(job);
  }
}
