// Files of other programs that people give for questions, by how they begin or by what is in them: what they are, and how their content gets out.
import { SquadError } from './errors';

const DATASETS = 'write it in Python with dataset.to_parquet or to_json';
const PANDAS = 'write it in Python with DataFrame.to_json(FILE, orient="records")';

const KINDS: [begins: RegExp, what: string][] = [
  [/^%PDF-/, `it is a PDF; copy its text into a table with the columns question, context, answer`],
  [/^SQLite format 3\0/, 'it is a database (SQLite); export the table as CSV'],
  [/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, 'it is a file of an old Office (.xls, .doc); save the sheet as CSV UTF-8 and give that'],
  [/^\{\\rtf/, 'it is a formatted text (RTF); save a table as CSV UTF-8 and give that'],
  [/^\x93NUMPY/, `it is an array of NumPy; ${PANDAS}`],
  [/^\x80[\x02-\x05](?:\x95|[}\](cX]|K)/, `it is a pickle of Python, which may hold code and is not opened; ${PANDAS}`],
  [/^ARROW1/, `it is an Arrow file; ${DATASETS}`],
  [/^\xff\xff\xff\xff[^]{4}\x10\0\0\0/, `it is an Arrow stream, as save_to_disk writes it; ${DATASETS}`],
  [/^Obj\x01/, `it is an Avro file; ${PANDAS}`],
  [/^ORC[\x00-\x1f]/, `it is an ORC file; ${PANDAS}`],
  [/^\x89HDF\r\n/, `it is an HDF5 file; ${PANDAS}`],
  [/^(?:\x89PNG|\xff\xd8\xff|GIF8)/, 'it is a picture; type its text into a table with the columns question, context, answer'],
]; // prettier-ignore

/** What a file is that holds no questions. @example otherFile('a.pdf', Buffer.from('%PDF-1.7'))?.code // 'E_SQUAD_TABLE' */
export function otherFile(file: string, start: Uint8Array): SquadError | undefined {
  const head = Buffer.from(start.subarray(0, 64)).toString('latin1');
  const what = KINDS.find(([begins]) => begins.test(head))?.[1];
  return what === undefined ? undefined : new SquadError(what.includes('Arrow') ? 'E_SQUAD_PARQUET' : 'E_SQUAD_TABLE', `${file}: ${what}`); // prettier-ignore
}

/** What an archive is that a program of an office has written, by the names in it. */
export function officeFile(names: string[]): string | undefined {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/^\[Content_Types\]\.xml$/)) {
    const what = has(/^word\//) ? 'a Word document' : has(/^ppt\//) ? 'a presentation' : 'an Excel workbook';
    return `it is ${what}; save ${what.includes('Excel') ? 'it' : 'its table'} as CSV UTF-8 and give that`;
  }
  if (has(/^mimetype$/) && has(/^content\.xml$/)) return 'it is a file of LibreOffice (OpenDocument); save its table as CSV (UTF-8) and give that'; // prettier-ignore
  return has(/^Index\/.*\.iwa$/)
    ? 'it is a file of Numbers or Pages; export its table as CSV and give that'
    : undefined;
}
