// Child processes of cells: what they print on the terminal of Jupyter is shown under the cell, and when the cell is stopped
// they end.
import childProcess, { type ChildProcess, type SpawnOptions, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Cell } from './cells/cell';
import { setWaitsForChild } from './wire/stop';
import { endTree } from './wire/tree';

type Stream = 'stdout' | 'stderr';
const STREAMS: Record<number, Stream> = { 1: 'stdout', 2: 'stderr' };

export class Children {
  private readonly ofCell = new WeakMap<Cell, Set<ChildProcess>>();

  constructor(
    private readonly current: () => Cell | undefined,
    private readonly stopFlags: Int32Array,
  ) {}

  /** Takes the place of Node's functions. */
  install(): void {
    this.watchSpawn();
    for (const name of ['spawnSync', 'execSync', 'execFileSync'] as const) this.watchSync(name);
    watchWrites();
    syncBuiltinESMExports();
  }

  /** Ends what a stopped cell has left running. */
  end(cell: Cell): void {
    for (const { pid, exitCode, signalCode } of this.ofCell.get(cell) ?? []) {
      if (pid !== undefined && exitCode === null && signalCode === null) endTree(pid);
    }
  }

  /** All ways to start a child that is not waited for come through here. */
  private watchSpawn(): void {
    const prototype = childProcess.ChildProcess.prototype as unknown as { spawn(options: SpawnOptions): number };
    const { spawn } = prototype;
    const { ofCell, current } = this;
    prototype.spawn = function (this: ChildProcess, options) {
      const cell = current();
      const { stdio, inherited } = piped(options.stdio);
      const result = spawn.call(this, { ...options, stdio });
      if (cell) ofCell.set(cell, (ofCell.get(cell) ?? new Set()).add(this));
      for (const index of inherited) {
        this.stdio[index]?.on('data', (chunk: Buffer) => process[STREAMS[index]].write(chunk));
        // as for Node, it is not the parent's to read
        (this as unknown as Record<string, unknown>)[STREAMS[index]] = null;
      }
      return result;
    };
  }

  private watchSync(name: 'spawnSync' | 'execSync' | 'execFileSync'): void {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    const { stopFlags } = this;
    const watched = (...args: unknown[]) => {
      const at = args.findIndex((arg, i) => i > 0 && typeof arg === 'object' && arg !== null && !Array.isArray(arg));
      const given = at < 0 ? {} : (args[at] as SpawnOptions);
      const { stdio, inherited } = piped(given.stdio);
      // these two keep what they read of the second stream to themselves
      const errors = name !== 'spawnSync' && inherited.includes(2) ? openNameless() : undefined;
      if (errors !== undefined) (stdio as unknown[])[2] = errors;
      const changed = inherited.length > 0 ? { ...given, stdio } : given;
      const passed = args.map((arg, i) => (i === at ? changed : arg));
      setWaitsForChild(stopFlags, true);
      try {
        const result = original(...passed);
        if (inherited.length > 0) return shown(name, result, inherited);
        return result;
      } catch (error) {
        showOutput(error as Partial<SpawnSyncReturns<Buffer>>, inherited);
        throw error;
      } finally {
        if (errors !== undefined) showOutput({ stderr: takeAll(errors) }, [2]);
        setWaitsForChild(stopFlags, false);
      }
    };
    Object.assign(childProcess, { [name]: watched });
  }
}

/** With pipes where a child would print on the terminal of this process. */
function piped(stdio: unknown): { stdio: SpawnOptions['stdio']; inherited: number[] } {
  const list: unknown[] = Array.isArray(stdio) ? [...stdio] : Array<unknown>(3).fill(stdio ?? 'pipe');
  const inherited = [1, 2].filter((i) => ['inherit', 1, 2, process.stdout, process.stderr].includes(list[i] as never));
  for (const i of inherited) list[i] = 'pipe';
  // nobody types into the kernel
  if (list[0] === 'inherit' || list[0] === 0) list[0] = 'ignore';
  return { stdio: list as SpawnOptions['stdio'], inherited };
}

/** What was to be inherited is shown, and is no part of the result. */
function shown(name: string, result: unknown, inherited: number[]): unknown {
  if (name !== 'spawnSync') {
    if (!inherited.includes(1)) return result;
    showOutput({ stdout: result as Buffer }, [1]);
    return null;
  }
  const { output, ...rest } = result as SpawnSyncReturns<Buffer>;
  showOutput(rest, inherited);
  const kept = output.map((bytes, i) => (inherited.includes(i) ? null : bytes));
  return { ...rest, output: kept, stdout: kept[1], stderr: kept[2] };
}

/** A file for what a child writes, which nobody else finds. */
function openNameless(): number {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-child-'));
  const descriptor = fs.openSync(path.join(folder, 'stderr'), 'w+');
  fs.rmSync(folder, { recursive: true });
  return descriptor;
}

function takeAll(descriptor: number): Buffer {
  const bytes = Buffer.alloc(fs.fstatSync(descriptor).size);
  fs.readSync(descriptor, bytes, 0, bytes.length, 0);
  fs.closeSync(descriptor);
  return bytes;
}

function showOutput(output: { stdout?: Buffer | string; stderr?: Buffer | string }, inherited: number[]): void {
  for (const index of inherited) {
    const bytes = output[STREAMS[index]];
    if (bytes && bytes.length > 0) process[STREAMS[index]].write(bytes);
  }
}

/** `fs.writeSync(1, …)` writes where `process.stdout` does. */
function watchWrites(): void {
  const { writeSync } = fs;
  const watched = (fd: number, data: string | NodeJS.ArrayBufferView, ...rest: unknown[]): number => {
    const stream = STREAMS[fd] as Stream | undefined;
    if (!stream) return (writeSync as (...args: unknown[]) => number)(fd, data, ...rest);
    const bytes = typeof data === 'string' ? Buffer.from(data) : bytesOf(data, rest);
    process[stream].write(bytes);
    return bytes.length;
  };
  fs.writeSync = watched as typeof writeSync;
}

function bytesOf(data: NodeJS.ArrayBufferView, [offset = 0, length]: unknown[]): Buffer {
  const all = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (typeof offset !== 'number') return all;
  return all.subarray(offset, typeof length === 'number' ? offset + length : undefined);
}
