// A Jupyter message (protocol 5.5) and its form on the wire: identities, a signature, four JSON parts, buffers.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export type Content = Record<string, unknown>;

export interface Message {
  /** Whom a reply goes to; Jupyter's topics on the channel of outputs. */
  identities: Uint8Array[];
  header: Header;
  parent: Partial<Header>;
  metadata: Content;
  content: Content;
  buffers: Uint8Array[];
}

export const PROTOCOL = '5.5';

const DELIMITER = '<IDS|MSG>';

/** A message of ours that belongs to `parent`. */
export function answer(parent: Message | undefined, type: string, content: Content, metadata: Content = {}): Message {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: type,
    session: parent?.header.session ?? '',
    username: parent?.header.username ?? 'kernel',
    date: new Date().toISOString(),
    version: PROTOCOL,
  };
  return {
    identities: parent?.identities ?? [],
    header,
    parent: parent?.header ?? {},
    metadata,
    content,
    buffers: [],
  };
}

/** The frames of a message, signed with `key`. */
export function encode(message: Message, key: string): (string | Uint8Array)[] {
  const parts = [message.header, message.parent, message.metadata, message.content].map((part) => JSON.stringify(part));
  return [...message.identities, DELIMITER, sign(parts, key), ...parts, ...message.buffers];
}

/** {@link encode}; for what cannot be sent, text of half a gigabyte say, a word about that. */
export function encodeOrTell(message: Message, key: string): (string | Uint8Array)[] {
  try {
    return encode(message, key);
  } catch (error) {
    const text = `an output cannot be sent (${(error as Error).message})\n`;
    const header = { ...message.header, msg_type: 'stream' };
    return encode({ ...message, header, content: { name: 'stderr', text }, metadata: {} }, key);
  }
}

/**
 * Reads the frames of a message.
 *
 * @throws Error when the delimiter is missing or the signature is not that of `key`.
 */
export function decode(frames: Uint8Array[], key: string): Message {
  const texts = frames.map((frame) => Buffer.from(frame));
  const at = texts.findIndex((frame) => frame.toString('latin1') === DELIMITER);
  if (at < 0) throw new Error('a Jupyter message without its delimiter');
  const parts = texts.slice(at + 2, at + 6);
  const [given, expected] = [texts[at + 1], Buffer.from(sign(parts, key))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error('a Jupyter message with a wrong signature');
  }
  const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString('utf8')) as unknown);
  return {
    identities: frames.slice(0, at),
    header: header as Header,
    parent: parent as Partial<Header>,
    metadata: metadata as Content,
    content: content as Content,
    buffers: frames.slice(at + 6),
  };
}

function sign(parts: (string | Uint8Array)[], key: string): string {
  if (key === '') return '';
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}
