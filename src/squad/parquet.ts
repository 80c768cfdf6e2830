// Parquet files, read by hyparquet in a thread of their own: its reading is asynchronous, ours is not, and no file may take all memory.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { SquadError } from './errors';

/** Whether bytes are a Parquet file: it begins and ends with four letters. */
export function isParquet(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'PAR1';
}

/** A row takes some bits at least; a file that says it has more rows than this for each of its bytes was made to fill memories. */
const ROWS_PER_BYTE = 50;
const SECONDS_PER_MEGABYTE = 2;

const PROGRAM = `
const { parentPort, workerData: { hyparquet, compressors } } = require('node:worker_threads');
const plain = (value) => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value); // ids keep their digits
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (ArrayBuffer.isView(value)) return Array.from(value, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
};
const read = async ({ file, mostRows }) => {
  const [{ parquetMetadata, parquetReadObjects }, more] = await Promise.all([import(hyparquet), import(compressors)]);
  const metadata = parquetMetadata(file);
  const rows = metadata.row_groups.reduce((sum, { num_rows: count }) => sum + Number(count), 0);
  if (!(rows <= mostRows)) throw new Error('it says that it has ' + rows + ' rows');
  return (await parquetReadObjects({ file, metadata, compressors: more.compressors })).map(plain);
};
// of several columns that are damaged only the first is waited for; the others must not end the thread, which reads the next file
process.on('unhandledRejection', () => undefined);
parentPort.on('message', async ({ port, done, ...task }) => {
  let message;
  try {
    message = { rows: await read(task) };
    port.postMessage(message);
  } catch (error) {
    port.postMessage({ problem: String((error && error.message) || error) });
  }
  Atomics.store(new Int32Array(done), 0, 1);
  Atomics.notify(new Int32Array(done), 0);
});
`;

/** The thread of the last file, which reads the next one; its memory is limited when it starts. */
let reader: { worker: Worker; megabytes: number } | undefined;

function startReader(megabytes: number): Worker {
  if (reader && reader.megabytes >= megabytes) return reader.worker;
  stopReader();
  const find = createRequire(__filename);
  const address = (name: string) => pathToFileURL(find.resolve(name)).href;
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { hyparquet: address('hyparquet'), compressors: address('hyparquet-compressors') },
    resourceLimits: { maxOldGenerationSizeMb: megabytes },
    execArgv: [],
    env: {},
  });
  // without a listener an error of the thread, such as that it has no memory left, would end the process
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    if (reader?.worker === worker) reader = undefined;
  });
  worker.unref();
  reader = { worker, megabytes };
  return worker;
}

function stopReader(): void {
  void reader?.worker.terminate();
  reader = undefined;
}

/** What the library says of damaged bytes ("thrift unhandled type: 13") helps nobody who has the file. */
function reasonOf(problem: string): string {
  const isSaid = /unsupported|not supported|encrypt|^it says/i.test(problem) && !problem.includes('undefined');
  return isSaid ? problem.replace(/\s+/g, ' ').slice(0, 200) : 'it is damaged or not whole';
}

interface Message {
  rows?: Record<string, unknown>[];
  problem?: string;
}

/**
 * The rows of a Parquet file, each an object with a value for each column.
 *
 * @throws SquadError `E_SQUAD_PARQUET` for a damaged file, one that takes far too long, or more memory than there may be.
 * @example readParquet('squad.parquet', bytes)[0].question
 */
export function readParquet(file: string, bytes: Buffer): Record<string, unknown>[] {
  const megabytes = bytes.length / 1e6;
  const worker = startReader(512 + Math.ceil(20 * megabytes));
  const { port1, port2 } = new MessageChannel();
  const done = new SharedArrayBuffer(4);
  const content = new Uint8Array(bytes).buffer;
  const task = { port: port2, done, file: content, mostRows: 1000 + ROWS_PER_BYTE * bytes.length };
  worker.postMessage(task, [port2, content]);
  Atomics.wait(new Int32Array(done), 0, 0, 1000 * (9 + SECONDS_PER_MEGABYTE * megabytes));
  const { rows, problem } = (receiveMessageOnPort(port1)?.message ?? {}) as Message;
  port1.close();
  if (rows) return rows;
  if (problem === undefined) stopReader();
  const what = problem === undefined ? 'it asks for too much memory, or for too long' : reasonOf(problem);
  throw new SquadError('E_SQUAD_PARQUET', `${file}: a Parquet file that cannot be read: ${what}; fetch or write it again, or write it as JSON Lines`); // prettier-ignore
}
