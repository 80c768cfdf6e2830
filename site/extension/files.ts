// Files that somebody uploads into JupyterLite, or saves there: the kernels get them, as they would find them on a computer.
import type { PageFile } from '../kernel/protocol';

/** JupyterLite's files, as far as they are used here. */
export interface Contents {
  get(path: string, options?: { content: boolean }): Promise<Model>;
  fileChanged: { connect(listener: (sender: unknown, change: Change) => void): unknown };
}
interface Model {
  path: string;
  type: string;
  format: string | null;
  content: unknown;
}
interface Change {
  type: string;
  oldValue: { path?: string } | null;
  newValue: { path?: string; type?: string } | null;
}

/** What the kernels need not see: notebooks are JupyterLite's own. */
const isForKernels = ({ path, type }: { path?: string; type?: string }) =>
  type !== 'notebook' && !path?.endsWith('.ipynb');

/** All files that are not the site's. @param own Paths of those that are. */
export async function uploadedFiles(contents: Contents, own: Set<string>, folder = ''): Promise<PageFile[]> {
  const listing = await contents.get(folder, { content: true });
  const found: PageFile[] = [];
  for (const entry of listing.content as Model[]) {
    if (entry.type === 'directory') found.push(...(await uploadedFiles(contents, own, entry.path)));
    else if (isForKernels(entry) && !own.has(entry.path)) found.push(...(await read(contents, entry.path)));
  }
  return found;
}

/** Tells of every file that is uploaded, saved, renamed or deleted from now on. */
export function watchFiles(contents: Contents, tell: (files: PageFile[]) => void): void {
  contents.fileChanged.connect((_, { type, oldValue, newValue }) => {
    if (oldValue?.path && (type === 'delete' || type === 'rename')) tell([{ path: oldValue.path }]);
    if (!newValue?.path || newValue.type === 'directory' || !isForKernels(newValue)) return;
    // what is deleted meanwhile is none
    read(contents, newValue.path).then(tell, () => undefined);
  });
}

async function read(contents: Contents, path: string): Promise<PageFile[]> {
  const { content, format } = await contents.get(path, { content: true });
  if (content === null || content === undefined) return [];
  return [{ path, bytes: toBytes(content, format) }];
}

function toBytes(content: unknown, format: string | null): Uint8Array {
  if (format === 'base64') return Uint8Array.from(atob(content as string), (sign) => sign.charCodeAt(0));
  return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
}
