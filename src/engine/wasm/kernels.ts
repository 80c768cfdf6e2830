// Our kernels as WebAssembly: C++ of `kernels` and of `../native/kernels`, compiled into `binary.ts`, with its memory and its threads.
import { EngineError } from '../errors';
import { PLAIN, RELAXED } from './binary';
import { type StartThread, type Thread, THREAD_PROGRAM } from './threads';

/** The exported functions of kernels/exports.cc, threads.cc and memory.cc; addresses are numbers. */
type KernelFunction =
  | 'matrixProduct'
  | 'attend'
  | 'attendGradient'
  | 'turnByAngles'
  | 'norm'
  | 'normGradient'
  | 'activate'
  | 'activateGradient'
  | 'optimize'
  | 'sumOfSquares'
  | 'combine'
  | 'rowSums'
  | 'columnSums'
  | 'gatherRows'
  | 'addRows'
  | 'drop';
type Exports = Record<KernelFunction | 'allocate' | 'release' | 'setThreads', (...numbers: number[]) => number> & {
  _initialize(): void;
  __tls_size: WebAssembly.Global<'i32'>;
  __tls_align: WebAssembly.Global<'i32'>;
};

/** In pages of 64 KiB: what the memory begins with, and WebAssembly's 4 GiB. */
const [FIRST_PAGES, MOST_PAGES] = [256, 65535];
/** Bytes that a thread has for its calls, as the linker gives them to the first one. */
const STACK = 262144;

export interface KernelsOptions {
  threads: number;
  startThread: StartThread;
  /** Whether the thread that calls may sleep until the others are done: a page's own may not. */
  maySleep: boolean;
}

/** Kernels that are ready to be called. */
export class Kernels {
  private constructor(
    private readonly exports: Exports,
    private readonly memory: WebAssembly.Memory,
    private readonly helpers: Thread[],
    /** The instructions in use. */
    readonly features: string,
  ) {}

  /** @throws EngineError `E_BACKEND_UNAVAILABLE` where WebAssembly lacks 128-bit vectors or shared memory. */
  static async start({ threads, startThread, maySleep }: KernelsOptions): Promise<Kernels> {
    const { module, features } = await compile();
    const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true });
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    const helpers = await Promise.all(
      Array.from({ length: threads - 1 }, () => {
        const stack = (exports.allocate(STACK) >>> 0) + STACK;
        const local = exports.allocate(Math.max(exports.__tls_size.value, 1)) >>> 0;
        return startThread(THREAD_PROGRAM, { module, memory, stack, local });
      }),
    );
    exports.setThreads(helpers.length, Number(maySleep));
    return new Kernels(exports, memory, helpers, features);
  }

  get threads(): number {
    return 1 + this.helpers.length;
  }

  /** @throws EngineError `E_OUT_OF_MEMORY` */
  call(name: KernelFunction, ...numbers: number[]): number {
    try {
      return this.exports[name](...numbers);
    } catch (error) {
      // the only trap that our kernels set
      if (error instanceof WebAssembly.RuntimeError) throw this.outOfMemory('working space', error);
      throw error;
    }
  }

  /** The address of that many bytes, which hold anything. @throws EngineError `E_OUT_OF_MEMORY` */
  allocate(bytes: number): number {
    const address = this.exports.allocate(Math.max(bytes, 1)) >>> 0;
    if (address === 0) throw this.outOfMemory(`${bytes} bytes`);
    return address;
  }

  private outOfMemory(wanted: string, cause?: unknown): EngineError {
    const problem = `WebAssembly memory is used up (${this.memory.buffer.byteLength} bytes) and has no room for ${wanted}`;
    return new EngineError('E_OUT_OF_MEMORY', `${problem}: take shorter or fewer rows at a time`, { cause });
  }

  release(address: number): void {
    this.exports.release(address);
  }

  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  integers(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  stop(): void {
    for (const helper of this.helpers) helper.stop();
  }
}

/** With the instruction that multiplies and adds at once where it is known: half as fast again. */
async function compile(): Promise<{ module: WebAssembly.Module; features: string }> {
  const relaxed = decode(RELAXED);
  if (WebAssembly.validate(relaxed)) return { module: await WebAssembly.compile(relaxed), features: 'relaxed SIMD' };
  const plain = decode(PLAIN);
  if (WebAssembly.validate(plain)) return { module: await WebAssembly.compile(plain), features: 'SIMD' };
  throw new EngineError(
    'E_BACKEND_UNAVAILABLE',
    'this WebAssembly has no 128-bit vectors (SIMD) or no shared memory; the backend cpu needs neither',
  );
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
