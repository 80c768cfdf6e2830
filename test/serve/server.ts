// A server with the small model for tests, and requests as clients send them.
import net from 'node:net';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { type ServeOptions, type Serving, serve } from '../../src/serve/server';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { smallModel } from '../cli/small-model';

let loaded: Promise<{ model: QuestionAnsweringModel; tokenizer: Tokenizer }> | undefined;

/** The model, loaded once for all tests of a file. */
export function smallParts() {
  return (loaded ??= smallModel().then(async (folder) => ({
    model: QuestionAnsweringModel.fromPretrained(folder),
    tokenizer: await Tokenizer.fromFolder(folder),
  })));
}

export async function startServer(options: ServeOptions = {}): Promise<Serving> {
  const { model, tokenizer } = await smallParts();
  return serve(model, tokenizer, { port: 0, name: 'small', ...options });
}

export const TASK = { question: 'Who won?', context: 'Ada won the race in 1874.' };

export interface Reply {
  status: number;
  headers: Headers;
  body: {
    error?: { code: string; message: string };
    answers?: { answer: string; score: number; start: number; end: number }[];
  };
}

export async function post(url: string, body: unknown, path = 'api/answer', type = 'application/json'): Promise<Reply> {
  const content = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: content as BodyInit,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
}

/** Sends bytes as they are and gives back all that comes until the line is cut. */
export function raw(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket: net.Socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
    socket.on('error', reject).on('close', () => resolve(heard));
  });
}
