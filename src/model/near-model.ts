// What people name where a model's folder was meant, and where the model is or what makes one of it.
import fs from 'node:fs';
import path from 'node:path';

/** How many folders are looked into. */
const MOST_FOLDERS = 200;

const ADAPTER = 'adapter_config.json';
const PACKED = /\.(?:zip|tar|tgz|gz|7z|rar|bz2|xz|zst)$/i;
const WEIGHTS = /\.(?:safetensors|bin|json|txt)$/i;

const isFile = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
const isModel = (folder: string) => isFile(path.join(folder, 'config.json'));

/**
 * What to do with a place that is no model, as a phrase; nothing where its surroundings do not tell.
 *
 * @example nearModel('runs/1') // 'the model is in runs/1/model: give that'
 */
export function nearModel(place: string): string | undefined {
  if (fs.statSync(place).isDirectory()) return adapterAdvice(place) ?? insideAdvice(place);
  const folder = path.dirname(place);
  if (WEIGHTS.test(place) && isModel(folder)) return `its folder, ${folder}, is the model: give that`;
  return PACKED.test(place) ? 'unpack it, and give the folder' : undefined;
}

/** Small matrices that are added to a model's. */
function adapterAdvice(folder: string): string | undefined {
  if (!isFile(path.join(folder, ADAPTER))) return undefined;
  return 'this is an adapter (PEFT, LoRA) and needs its model: merge them in Python (model.merge_and_unload().save_pretrained(FOLDER)), and give that folder';
}

function insideAdvice(folder: string): string | undefined {
  const inside = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .slice(0, MOST_FOLDERS)
    .map(({ name }) => path.join(folder, name))
    .filter(isModel)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const [first, ...more] = inside;
  if (first === undefined) return undefined;
  return more.length === 0
    ? `the model is in ${first}: give that`
    : `there are ${inside.length} models in it (${inside.slice(0, 3).join(', ')}${more.length > 2 ? ', …' : ''}): give one of them`;
}

/** The name that the hub has for the model of an address. @example nameInAddress('https://huggingface.co/owner/name/tree/main') // 'owner/name' */
export function nameInAddress(text: string): string | undefined {
  const [, name] = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)\/([\w.-]+\/[\w.-]+|[\w.-]+)\/?(?:(?:tree|blob|resolve)\/.*)?(?:[?#].*)?$/.exec(text) ?? []; // prettier-ignore
  return name;
}
