// Progress of a download, of one file or of several one after another.
import { type Output, bar, duration, ProgressLine } from './progress';

/** Called with the bytes there are and the bytes there will be (0: nobody knows). */
export type OnBytes = (done: number, total: number) => void;

/** Megabytes, speed and time left in one line. */
export class DownloadProgress {
  private readonly line: ProgressLine;
  private began = 0;
  private first = 0;
  private last = { done: Infinity, total: 0 };

  constructor(output: Output) {
    this.line = new ProgressLine(output);
  }

  update(done: number, total: number, now = performance.now()): void {
    // another file, or this one from its start: what was there before says nothing about the speed
    if (done < this.last.done || total !== this.last.total) [this.began, this.first] = [now, done];
    this.last = { done, total };
    this.line.show(describeDownload(done, total, (done - this.first) / ((now - this.began) / 1000)), now);
  }

  finish(): void {
    this.line.finish();
  }
}

/** A moment of a download in one line; the speed is in bytes a second. */
export function describeDownload(done: number, total: number, speed: number): string {
  const parts = [
    total > 0 ? `${bar(done / total)} ${megabytes(done)} of ${megabytes(total)} MB` : `${megabytes(done)} MB`,
  ];
  if (speed > 0 && Number.isFinite(speed)) {
    parts.push(`${megabytes(speed)} MB/s`);
    if (total > 0) parts.push(`${duration((total - done) / speed)} left`);
  }
  return `downloading ${parts.join('  ')}`;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/**
 * Runs `work` with a line of progress, which appears when the first bytes come.
 *
 * @example await showDownload((onProgress) => fetchFile(url, target, { onProgress }))
 */
export async function showDownload<T>(
  work: (onProgress: OnBytes) => Promise<T>,
  output: Output = process.stderr,
): Promise<T> {
  const progress = new DownloadProgress(output);
  try {
    return await work((done, total) => progress.update(done, total));
  } finally {
    progress.finish();
  }
}
