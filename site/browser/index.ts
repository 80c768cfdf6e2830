// `spanlab/browser`: what only a browser needs. Folders leave the tab as zip archives, and come into it as such.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../../src/errors';
import { escapeHtml } from '../../src/escape-html';
import { ModelError } from '../../src/model/errors';
import { packFiles, plainName, unpackFiles } from './zip';

/** The cells' own. */
declare const display: { html(text: string): void };

/**
 * A folder as a zip archive: that of a model opens in Python, with all that is in it (`onnx` too).
 *
 * @throws FileError
 * @example (await zipFolder('models/workshop-qa')).size
 */
export function zipFolder(folder: string): Blob {
  return packFiles(path.basename(path.resolve(folder)), readFolder(folder));
}

function* readFolder(folder: string): Generator<[string, Uint8Array]> {
  try {
    for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = path.join(folder, name);
      if (!/(^|\/)\.spanlab/.test(name) && fs.statSync(file).isFile()) yield [name, fs.readFileSync(file)];
    }
  } catch (error) {
    throw toFileError(error, folder);
  }
}

/**
 * Shows a link beneath the cell by which a folder is saved on the computer, as one zip archive.
 *
 * @throws FileError
 * @example saveAsZip('models/workshop-qa')
 */
export function saveAsZip(folder: string): void {
  const name = `${plainName(path.basename(path.resolve(folder)))}.zip`;
  const zip = zipFolder(folder);
  const address = URL.createObjectURL(zip);
  const size = (zip.size / 1e6).toFixed(1);
  display.html(`<a href="${address}" download="${escapeHtml(name)}">Save ${escapeHtml(name)}</a> (${size} MB)`);
}

/**
 * Unpacks the zip archive of a model into `models`.
 *
 * @param archive A file that was uploaded into JupyterLite, or by the front page.
 * @returns the folder, as `resolveModel` and `fromPretrained` take it
 * @throws FileError `E_FILE`; ModelError `E_MODEL_UNKNOWN` where no model is in it
 * @example const folder = openZip('mine.zip')
 */
export function openZip(archive: string, folder = path.join('models', plainName(archive))): string {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(archive);
  } catch (error) {
    throw toFileError(error, archive);
  }
  const files = unpackFiles(archive, bytes);
  if (!files.has('config.json')) {
    throw new ModelError(
      'E_MODEL_UNKNOWN',
      `${archive}: no config.json in it; pack a folder that a model was saved in`,
    );
  }
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return folder;
}
