// What a person reads after publishing: each file with its size, and how to look at the result.
import path from 'node:path';
import { inShell } from '../in-shell';
import { textTable } from '../show/text-table';

/** Files by their names below a folder, with their bytes. */
type Files = Record<string, number>;

/** What `spanlab publish` made, by the names that `--json` prints. */
export interface Published extends Record<string, unknown> {
  model: string;
  onnx?: Files;
  card?: string;
  web?: Files;
  /** What would be sent, with `--dry-run`. */
  files?: Files;
  hub?: { url: string; created: boolean; files: Files };
}

/**
 * @param site the folder of the web page, where one was written
 * @example publishedText({ model: 'models/mine', onnx: { 'onnx/model.onnx': 90_300_000 } })
 */
export function publishedText({ model, onnx, card, web, files, hub }: Published, site = ''): string {
  const parts = [
    onnx && `ONNX files in ${model}:\n${fileTable(onnx)}`,
    card && `Model card ${path.join(model, 'README.md')}: ${card}.\n`,
    web && `Web page in ${site}:\n${fileTable(web)}Look at it:\n  npx serve ${inShell(site)}\n`,
    files && `Would be sent:\n${fileTable(files)}`,
    hub && `${hub.created ? 'Made and filled' : 'Updated'} ${hub.url}; sent:\n${fileTable(hub.files)}`,
  ];
  return parts.filter(Boolean).join('\n');
}

function fileTable(files: Files): string {
  if (Object.keys(files).length === 0) return '  nothing: every file was there already\n';
  const total = Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
  const rows = [...Object.entries(files), ['together', total] as const];
  return textTable(rows.map(([file, bytes]) => ({ file, MB: megabytes(bytes) })));
}

/** One decimal; what is smaller is not said to be nothing. */
const megabytes = (bytes: number) => (bytes > 0 && bytes < 5e4 ? '<0.1' : (bytes / 1e6).toFixed(1));
