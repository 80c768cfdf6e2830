// A person's own copy of the course: what they run and change is theirs, and the clone stays clean.
import fs from 'node:fs';
import path from 'node:path';
import { SpanlabError } from '../errors';
import { hashFiles } from '../file-hash';
import { makeFolder } from '../make-folder';
import { writeAtomically } from '../staged-file';

/** What a copied file was like, by its name: from that follows whether a person changed it. */
const RECORD = '.copied.json';
const IS_PART = /^(?:solutions\/)?[^/]+\.(?:ipynb|md|html)$|^pictures\//;

/**
 * Copies the course from `course` to `own`, and newer versions over copies that nobody changed.
 *
 * @returns the files that were changed by the person and are newer in the course
 * @example copyCourse('notebooks', 'my-notebooks')
 */
export function copyCourse(course: string, own: string): string[] {
  const record = readRecord(own);
  const kept: string[] = [];
  for (const name of courseFiles(course)) {
    const [original, copy] = [path.join(course, name), path.join(own, name)];
    const hash = hashFiles(original);
    const isTheirs = fs.existsSync(copy) && hashFiles(copy) !== record[name];
    if (isTheirs && record[name] !== hash) kept.push(name);
    if (isTheirs || (fs.existsSync(copy) && record[name] === hash)) continue;
    makeFolder(path.dirname(copy));
    fs.rmSync(copy, { force: true }); // a link is replaced, and not written through
    fs.copyFileSync(original, copy);
    record[name] = hash;
  }
  makeFolder(own);
  writeAtomically(path.join(own, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  return kept;
}

/** A notebook that was put back, below the copy; and under which name a person's own is kept, where they had changed it. */
export interface Reset {
  file: string;
  kept?: string;
}

/**
 * Puts a notebook back as the course has it; what a person changed is kept next to it as `NAME.mine.ipynb`.
 *
 * @throws SpanlabError `E_NOTEBOOK` when there is no such notebook, or none is named.
 * @example resetNotebook('notebooks', 'my-notebooks', '01-tutorial')
 */
export function resetNotebook(course: string, own: string, name: string): Reset {
  const file = `${name.replace(/\.ipynb$/, '')}.ipynb`;
  if (!fs.existsSync(path.join(course, file))) {
    const names = courseFiles(course).filter((one) => one.endsWith('.ipynb'));
    const choices = names.map((one) => path.parse(one).name).filter((one, i, all) => all.indexOf(one) === i);
    const wrong = name === '' ? '--reset names no notebook' : `there is no notebook ${name}`;
    throw new SpanlabError('E_NOTEBOOK', `${wrong}; choose ${choices.join(', ')}`);
  }
  const copy = path.join(own, file);
  const known = [hashFiles(path.join(course, file)), readRecord(own)[file]];
  const kept = fs.existsSync(copy) && !known.includes(hashFiles(copy)) ? freeName(copy) : undefined;
  if (kept) fs.renameSync(copy, kept);
  fs.rmSync(copy, { force: true });
  copyCourse(course, own);
  return { file, kept: kept && path.relative(own, kept) };
}

/** What a reset did, as a line for the person. */
export function describeReset({ file, kept }: Reset): string {
  return `${file} is as the course has it${kept ? `; yours is kept as ${kept}` : ', and you had changed nothing in it'}`;
}

function courseFiles(course: string): string[] {
  return fs
    .readdirSync(course, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => IS_PART.test(name) && fs.statSync(path.join(course, name)).isFile())
    .sort();
}

function readRecord(own: string): Record<string, string | undefined> {
  const file = path.join(own, RECORD);
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    return {}; // none yet, or damaged: then every copy counts as changed, and is kept
  }
}

/** `01.mine.ipynb`, or `01.mine-2.ipynb` where that is taken. */
function freeName(file: string): string {
  const stem = file.replace(/\.ipynb$/, '');
  for (let number = 1; ; number++) {
    const name = `${stem}.mine${number > 1 ? `-${number}` : ''}.ipynb`;
    if (!fs.existsSync(name)) return name;
  }
}
