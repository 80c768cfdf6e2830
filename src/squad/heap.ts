// Whether so many rows fit into the memory that JavaScript may have: without it the process would end in the middle, without a word.
import v8 from 'node:v8';
import { FileError } from '../errors';

/** What a row takes on its way to a record, in bytes: measured with short ones, 300,000 rows in 600 MB. */
const ROW = 2000;

/** @throws FileError `E_FILE_LARGE` */
export function checkHeap(file: string, rows: number): void {
  const most = heapLeft();
  if (rows * ROW <= most) return;
  const [needed, there] = [rows * ROW, most].map((bytes) => `${Math.ceil(bytes / 1e6)} MB`);
  const advice = `split it into parts, or allow more: NODE_OPTIONS=--max-old-space-size=${Math.ceil((rows * ROW) / 1e6) + 500}`;
  throw new FileError(
    'E_FILE_LARGE',
    `${file}: its ${rows} rows need about ${needed} of memory, and ${there} are left; ${advice}`,
  );
}

/** Bytes; a browser does not say. */
function heapLeft(): number {
  try {
    const { heap_size_limit: limit, used_heap_size: used } = v8.getHeapStatistics();
    return limit - used;
  } catch {
    return Infinity;
  }
}
