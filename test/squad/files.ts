// SQuAD files made for tests.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-squad-'));
let written = 0;

/** Writes text, or a value as JSON, into a file of its own. */
export function temporaryFile(content: unknown, name = `${written++}.json`): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** A file with one paragraph. */
export function onePassage(context: string, qas: Record<string, unknown>[]): Record<string, unknown> {
  return { version: 'v2.0', data: [{ title: 'T', paragraphs: [{ context, qas }] }] };
}

/** A question with one answer; the position counts code points. */
export function question(text: string, start: number, id = 'q'): Record<string, unknown> {
  return { id, question: 'Which?', answers: [{ text, answer_start: start }], is_impossible: false };
}
