// What the page and the worker of a kernel say to each other.
import type { Content, Header } from '../../kernel/wire/message';

export type Channel = 'shell' | 'iopub' | 'stdin' | 'control';

/** A Jupyter message as JupyterLab has it. */
export interface PageMessage {
  channel: Channel;
  header: Header;
  parent_header: Partial<Header>;
  metadata: Content;
  content: Content;
  buffers: Uint8Array[];
}

/** With what a worker begins. */
export interface Start {
  /** The address of the site, with a slash at its end. */
  site: string;
  flags: Int32Array;
  /** Where answers of the person go; shared memory, which not every page has. */
  answers?: Int32Array;
}

/** A file of JupyterLite, by its path from the root; without bytes it is there no more. */
export interface PageFile {
  path: string;
  bytes?: Uint8Array;
}

/** From the page. */
export type ToWorker = { start: Start } | { message: PageMessage } | { files: PageFile[] } | { stop: true };

/** From the worker. */
export type ToPage = { ready: true } | { failed: string } | { message: PageMessage };
