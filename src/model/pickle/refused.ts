// What a checkpoint asks for and does not get: what it is, and what to do instead.
import { quoted } from '../../printable';
import { PickleProblem, SAVE_WEIGHTS } from './values';

/** Tensors of PyTorch that are not plain ones, by the functions that make them. */
const TENSORS: [name: RegExp, what: string, remedy: string][] = [
  [/^_rebuild_meta_tensor/, 'is on the meta device: it has a shape and no numbers', 'load its weights in Python, and save the model then'],
  [/^_rebuild_sparse/, 'is sparse', 'save it dense in Python (tensor.to_dense())'],
  [/^_rebuild_nested/, 'is nested', 'save its parts in Python as tensors of their own'],
  [/^_rebuild_qtensor/, 'is quantized', 'save it dequantized in Python (tensor.dequantize(), or the model as it was before)'],
  [/^_rebuild_(?:wrapper_subclass|from_type_v2)/, 'is of a class of its own, as quantized and distributed ones are', 'save it in Python as a plain tensor (dequantized, gathered)'],
  [/^_rebuild_tensor_v3/, 'has numbers of a type that is not read here, such as float8', 'save it in Python as float32 (tensor.float())'],
  [/^_rebuild_device/, 'is on a device of another maker', 'move it to the processor in Python (tensor.cpu()), and save it again'],
]; // prettier-ignore

/** Storages whose numbers no weight has. */
const STORAGES: [name: RegExp, what: string, remedy: string][] = [
  [/^Q/, 'is quantized', 'save it dequantized in Python (tensor.dequantize(), or the model as it was before)'],
  [/^Complex/, 'has complex numbers', 'no model here has such weights: take it out'],
  [/^/, 'has numbers of a type that is not read here', 'save it in Python as float32 (tensor.float())'],
];

/** Where code that does harm comes from. */
const SYSTEM = /^(?:_?(?:os|posix|nt|subprocess|sys|socket|shutil|ctypes|importlib|imp|runpy|pty|platform|code|codeop|commands|webbrowser|multiprocessing|threading|signal|pickle|marshal|types|functools|operator|inspect|pip|urllib|http|requests|base64|zlib|tempfile|pathlib\.os|io)|builtins|__builtin__|copy_?reg)(?:\.|$)/; // prettier-ignore
/** What values are made of, and does none. */
const VALUES = [
  /^(?:builtins|__builtin__) (?:set|frozenset|bytearray|bytes|complex|slice|range|object|list|dict|tuple|int|float|str|bool)$/,
  /^numpy(?:\.\w+)* (?:_reconstruct|_frombuffer|scalar|dtype|ndarray|\w*\d+)$/,
  /^collections (?:defaultdict|Counter|deque)$/,
  /^(?:datetime|decimal|uuid|argparse|pathlib|omegaconf)[ .]/,
  /^(?:_codecs encode|copy_?reg _reconstructor|torch (?:device|dtype))$/,
];
const MODELS = /^(?:torch\.(?:nn|fx|jit|quantization|ao|optim|distributed|_dynamo)|transformers|sentence_transformers|peft|timm|fairseq|allennlp|farm|flair|simpletransformers|accelerate|bitsandbytes|pytorch_lightning|lightning|__main__|__torch__)(?:\.|$)/; // prettier-ignore

/**
 * Why a name is not allowed.
 *
 * @param tensor The last text before it: most often the name of the tensor that is made.
 */
export function refused(module: string, name: string, tensor: string | undefined): PickleProblem {
  const [kind] = module === 'torch._utils' ? TENSORS.filter(([pattern]) => pattern.test(name)) : [];
  const [storage] = /^torch(?:\.storage)?$/.test(module) && name.endsWith('Storage') ? STORAGES.filter(([pattern]) => pattern.test(name)) : []; // prettier-ignore
  const found = kind ?? storage;
  if (found) {
    const [, what, remedy] = found;
    const which = tensor === undefined ? 'a tensor' : `tensor ${quoted(tensor)}`;
    return new PickleProblem('FORM', `${which} ${what} (${quoted(`${module}.${name}`)}); ${remedy}`);
  }
  return new PickleProblem('CODE', `it asks for ${quoted(`${module}.${name}`)}, ${reason(module, name)}`);
}

function reason(module: string, name: string): string {
  if (VALUES.some((pattern) => pattern.test(`${module} ${name}`))) {
    return `so it holds more than weights; ${SAVE_WEIGHTS}`;
  }
  if (MODELS.test(module)) {
    return `so it holds a whole model and not its weights, and opening it runs code; ${SAVE_WEIGHTS}`;
  }
  if (SYSTEM.test(module)) return 'which no weights need; do not open it in Python either';
  return `which no weights need: it holds a whole model, or something that runs code; ${SAVE_WEIGHTS}; otherwise do not open it in Python either`;
}
