// Python's pickle as far as weights need it: a machine with a closed list of instructions that calls nothing.
import {
  type Dictionary,
  Callable,
  isSizes,
  PickleProblem,
  resolve,
  SAVE_WEIGHTS,
  Storage,
  StorageType,
  Tensor,
} from './values';
import { refused } from './refused';

const MARK = Symbol('mark');

export interface Pickle {
  value: unknown;
  end: number;
  storages: Storage[];
}

/**
 * Runs one pickle from byte `start` on: protocol 2, PyTorch's own, or 3 to 5, which people ask for (`pickle_protocol=4`).
 *
 * @returns its value, the byte after it, and every storage that it names
 * @throws PickleProblem
 * @example runPickle(Buffer.from('80027d2e', 'hex'), 0) // { value: new Map(), end: 4, storages: [] }
 */
export function runPickle(bytes: Buffer, start: number): Pickle {
  return new Machine(bytes, start).run();
}

class Machine {
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly storages: Storage[] = [];

  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  run(): Pickle {
    for (;;) {
      const position = this.at;
      const code = this.bytes[this.skip(1)];
      if (code === 0x2e) return { value: this.pop(), end: this.at, storages: this.storages }; // STOP
      const instruction = INSTRUCTIONS[code];
      if (!instruction) {
        const problem = `instruction 0x${code.toString(16).padStart(2, '0')} at byte ${position} is none that weights need`;
        throw new PickleProblem('CODE', `${problem}; ${SAVE_WEIGHTS}`);
      }
      instruction(this);
    }
  }

  /** Moves on by `count` bytes and returns where it was. */
  skip(count: number): number {
    const from = this.at;
    if (count < 0 || from + count > this.bytes.length)
      throw new PickleProblem('DAMAGED', `it ends within an instruction, at byte ${from}`);
    this.at += count;
    return from;
  }

  byte = () => this.bytes[this.skip(1)];
  short = () => this.bytes.readUInt16LE(this.skip(2));
  int = () => this.bytes.readInt32LE(this.skip(4));
  double = () => this.bytes.readDoubleBE(this.skip(8));

  text(length: number, encoding: 'utf8' | 'latin1'): string {
    const from = this.skip(length);
    return this.bytes.toString(encoding, from, from + length);
  }

  line(): string {
    const from = this.at;
    const end = this.bytes.indexOf(0x0a, from);
    if (end < 0 || end - from > 1000) throw new PickleProblem('DAMAGED', `no name at byte ${from}`);
    this.at = end + 1;
    return this.bytes.toString('utf8', from, end);
  }

  /** A whole number of up to 255 bytes; one that JavaScript cannot hold is none that weights have. */
  long(): number {
    const length = this.byte();
    const from = this.skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[from + i]);
    return Number(length > 0 ? BigInt.asIntN(8 * length, value) : 0n);
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    const value = this.stack.length > 0 ? this.stack.pop() : MARK;
    if (value === MARK) throw new PickleProblem('DAMAGED', `an instruction lacks its value, at byte ${this.at}`);
    return value;
  }

  /** Everything above the last mark. */
  popMarked(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw new PickleProblem('DAMAGED', `an instruction lacks its beginning, at byte ${this.at}`);
    const values = this.stack.splice(mark);
    values.shift();
    return values;
  }

  popMany(count: number): unknown[] {
    const values = Array.from({ length: count }, () => this.pop());
    return values.reverse();
  }

  top<T>(kind: abstract new (...args: never[]) => T): T {
    const value = this.stack.at(-1);
    if (value instanceof kind) return value;
    throw new PickleProblem('DAMAGED', `a value of another kind was expected, at byte ${this.at}`);
  }

  /** A name: nothing but what weights need. */
  name(module: string, name: string): void {
    const found = resolve(module, name);
    if (found === undefined) throw refused(module, name, this.nearestName());
    this.push(found);
  }

  /** The same from the stack. */
  stackName(): void {
    const [module, name] = this.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw new PickleProblem('DAMAGED', `a name was expected, at byte ${this.at}`);
    }
    this.name(module, name);
  }

  /** The last text on the stack: most often the name of the tensor that is made. */
  private nearestName(): string | undefined {
    const isName = (value: unknown): value is string => typeof value === 'string' && value !== 'storage';
    return [...this.stack].reverse().find(isName);
  }

  /** How many bytes the next instructions have: told for those who read a stream. */
  frame(): void {
    const from = this.skip(8);
    const length = this.bytes.readBigUInt64LE(from);
    if (length > BigInt(this.bytes.length - this.at)) throw new PickleProblem('DAMAGED', `it ends within a frame, at byte ${from}`); // prettier-ignore
  }

  /** The length of a text in eight bytes. */
  large(): number {
    const length = this.bytes.readBigUInt64LE(this.skip(8));
    return length > BigInt(this.bytes.length) ? this.bytes.length + 1 : Number(length);
  }

  /** Remembers under the next number. */
  memoize = () => this.put(this.memo.size);

  put(index: number): void {
    if (this.stack.length === 0) throw new PickleProblem('DAMAGED', `nothing to be remembered, at byte ${this.at}`);
    this.memo.set(index, this.stack.at(-1));
  }

  get(index: number): void {
    if (!this.memo.has(index))
      throw new PickleProblem('DAMAGED', `value ${index} was never remembered, at byte ${this.at}`);
    this.push(this.memo.get(index));
  }

  setItems(items: unknown[]): void {
    const dictionary = this.top<Dictionary>(Map);
    if (items.length % 2 === 1) throw new PickleProblem('DAMAGED', `a name without its value, at byte ${this.at}`);
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  }

  append(items: unknown[]): void {
    const list = this.top<unknown[]>(Array);
    for (const item of items) list.push(item);
  }

  reduce(): void {
    const [callable, args] = this.popMany(2);
    if (!(callable instanceof Callable) || !Array.isArray(args)) {
      throw new PickleProblem('CODE', `it calls something that is none of PyTorch's parts, at byte ${this.at}`);
    }
    this.push(callable.call(args));
  }

  /** A state is given to dictionaries only (the versions of modules), and has nothing that weights need. */
  build(): void {
    this.pop();
    const isKnown = this.stack.at(-1) instanceof Map || this.stack.at(-1) instanceof Tensor;
    if (!isKnown) throw new PickleProblem('CODE', `it gives a state to something that has none, at byte ${this.at}`);
  }

  /** `('storage', type, key, place, count)`, and in old files the part of another storage. */
  persistent(): void {
    const id = this.pop();
    const [kind, type, key, , count, view] = Array.isArray(id) ? (id as unknown[]) : [];
    const isStorage = kind === 'storage' && type instanceof StorageType && typeof key === 'string' && isSizes([count]);
    if (!isStorage) throw new PickleProblem('FORM', `an object outside the file, at byte ${this.at}; ${SAVE_WEIGHTS}`);
    const [, first = 0, size = count] = Array.isArray(view) ? (view as unknown[]) : [];
    if (!isSizes([first, size])) throw new PickleProblem('DAMAGED', `a part of a storage, at byte ${this.at}`);
    const storage = new Storage(type.name, key, Number(first) + Number(size), Number(first));
    this.storages.push(storage);
    this.push(storage);
  }
}

/** Source: Lib/pickletools.py of Python; the instructions that PyTorch's writers of weights have ever used. */
const INSTRUCTIONS: Record<number, ((machine: Machine) => void) | undefined> = {
  0x80: (m) => {
    const version = m.byte();
    if (version < 2 || version > 5)
      throw new PickleProblem('FORM', `pickle protocol ${version}; save it by torch.save without pickle_protocol`);
  },
  0x28: (m) => m.push(MARK),
  0x7d: (m) => m.push(new Map()),
  0x5d: (m) => m.push([]),
  0x29: (m) => m.push([]),
  0x74: (m) => m.push(m.popMarked()),
  0x85: (m) => m.push(m.popMany(1)),
  0x86: (m) => m.push(m.popMany(2)),
  0x87: (m) => m.push(m.popMany(3)),
  0x58: (m) => m.push(m.text(m.int(), 'utf8')),
  0x54: (m) => m.push(m.text(m.int(), 'latin1')),
  0x55: (m) => m.push(m.text(m.byte(), 'latin1')),
  0x4b: (m) => m.push(m.byte()),
  0x4d: (m) => m.push(m.short()),
  0x4a: (m) => m.push(m.int()),
  0x8a: (m) => m.push(m.long()),
  0x47: (m) => m.push(m.double()),
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x63: (m) => m.name(m.line(), m.line()),
  0x52: (m) => m.reduce(),
  0x51: (m) => m.persistent(),
  0x62: (m) => m.build(),
  0x71: (m) => m.put(m.byte()),
  0x72: (m) => m.put(m.int()),
  0x68: (m) => m.get(m.byte()),
  0x6a: (m) => m.get(m.int()),
  0x73: (m) => m.setItems(m.popMany(2)),
  0x75: (m) => m.setItems(m.popMarked()),
  0x61: (m) => m.append([m.pop()]),
  0x65: (m) => m.append(m.popMarked()),
  // of protocol 4
  0x95: (m) => m.frame(),
  0x8c: (m) => m.push(m.text(m.byte(), 'utf8')),
  0x8d: (m) => m.push(m.text(m.large(), 'utf8')),
  0x93: (m) => m.stackName(),
  0x94: (m) => m.memoize(),
};
