// What a checkpoint of PyTorch is put together from: tensors, their storages, and the only names that may be called.
/** Thrown with what is wrong; the caller knows the file. */
export class PickleProblem extends Error {
  constructor(
    readonly rule: 'CODE' | 'DAMAGED' | 'FORM',
    message: string,
  ) {
    super(message);
  }
}

/** What to do with a file that has more in it than weights, or has them in another way. */
export const SAVE_WEIGHTS =
  'open it in Python where you trust whoever made it, and save its weights alone (model.save_pretrained(folder), or torch.save(model.state_dict(), FILE))';

/** A storage: where the numbers of one or more tensors are. */
export class Storage {
  constructor(
    /** PyTorch's name of the type, `FloatStorage` and so on. */
    readonly type: string,
    readonly key: string,
    /** How many numbers it has. */
    readonly count: number,
    /** The first number, where it is a part of another storage (in files from before 2020). */
    readonly first = 0,
  ) {}
}

/** A tensor: numbers of a storage, taken in steps. */
export class Tensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

/** A name that was allowed: what `REDUCE` makes of its arguments. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: unknown[]) => unknown,
  ) {}
}

/** A name of a storage type. */
export class StorageType {
  constructor(readonly name: string) {}
}

/** Entries under names that are texts; others are passed over. */
export type Dictionary = Map<unknown, unknown>;

const STORAGES = ['Float', 'Half', 'BFloat16', 'Double', 'Long', 'Int', 'Short', 'Char', 'Byte', 'Bool'];

export const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 16 && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function rebuildTensor([storage, offset, shape, strides]: unknown[]): Tensor {
  if (storage instanceof Storage && isSizes([offset]) && isSizes(shape) && isSizes(strides)) {
    if (shape.length === strides.length) return new Tensor(storage, offset as number, shape, strides);
  }
  throw new PickleProblem('DAMAGED', 'a tensor is not described as PyTorch does it');
}

/** All that may be called, by module and name. None of it does anything but put values together. */
const CALLABLES: Record<string, (args: unknown[]) => unknown> = {
  'collections OrderedDict': () => new Map(),
  'torch._utils _rebuild_tensor': rebuildTensor,
  'torch._utils _rebuild_tensor_v2': rebuildTensor,
  'torch._utils _rebuild_parameter': ([tensor]) => tensor,
  'torch._utils _rebuild_parameter_with_state': ([tensor]) => tensor,
  'torch Size': ([sizes]) => sizes,
};

/** What a name stands for; nothing for one that weights do not need. */
export function resolve(module: string, name: string): Callable | StorageType | undefined {
  const key = `${module} ${name}`;
  if (Object.hasOwn(CALLABLES, key)) return new Callable(key, CALLABLES[key]);
  const isStorage = module === 'torch' && name.endsWith('Storage') && STORAGES.includes(name.slice(0, -7));
  return isStorage ? new StorageType(name) : undefined;
}
