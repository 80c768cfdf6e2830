// One model, many requests: they wait in a bounded queue, and those that fit together run together.
import { RequestError } from './errors';

interface Job<T, R> {
  task: T;
  signal: AbortSignal;
  resolve(result: R): void;
  reject(reason: unknown): void;
}

export interface QueueOptions<T, R> {
  /** Answers tasks that fit together; stops when the signal says so. */
  run(tasks: T[], signal: AbortSignal): Promise<R[]>;
  /** Whether two tasks can run together. */
  fits(first: T, other: T): boolean;
  /** How many may wait. */
  limit: number;
  /** How many may run together. */
  batch: number;
}

/**
 * Runs one batch after another.
 *
 * @example const answers = await new ModelQueue({ run, fits, limit: 256, batch: 16 }).add(task, signal)
 */
export class ModelQueue<T, R> {
  private readonly waiting: Job<T, R>[] = [];
  private isRunning = false;

  constructor(private readonly options: QueueOptions<T, R>) {}

  /** Waits for the task's turn. @throws RequestError 503 `E_BUSY` when too many wait; the signal's reason when it is aborted. */
  add(task: T, signal: AbortSignal): Promise<R> {
    signal.throwIfAborted();
    if (this.waiting.length >= this.options.limit) {
      const advice = { 'Retry-After': '1' };
      throw new RequestError(503, 'E_BUSY', `${this.waiting.length} requests are waiting; try again soon`, advice);
    }
    return new Promise<R>((resolve, reject) => {
      const job = { task, signal, resolve, reject };
      signal.addEventListener('abort', () => this.leave(job), { once: true });
      this.waiting.push(job);
      void this.work();
    });
  }

  private leave(job: Job<T, R>): void {
    const place = this.waiting.indexOf(job);
    if (place >= 0) this.waiting.splice(place, 1);
    job.reject(job.signal.reason);
  }

  private async work(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.waiting.length > 0) await this.runBatch(this.takeBatch());
    } finally {
      this.isRunning = false;
    }
  }

  /** The first that waits, and those behind it that fit. */
  private takeBatch(): Job<T, R>[] {
    const batch = [this.waiting[0]];
    for (const job of this.waiting.slice(1)) {
      if (batch.length < this.options.batch && this.options.fits(batch[0].task, job.task)) batch.push(job);
    }
    for (const job of batch) this.waiting.splice(this.waiting.indexOf(job), 1);
    return batch;
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
      jobs.forEach((job) => job.reject(error));
    } finally {
      for (const { signal } of jobs) signal.removeEventListener('abort', look);
    }
  }
}
