// A Hugging Face hub on 127.0.0.1, as far as downloads go: commits, git and LFS tags, and another host for large files.
import { createHash } from 'node:crypto';
import type http from 'node:http';
import { serve, TestServer } from './server';

export const COMMIT = 'c'.repeat(40);

/** What git calls a file with these bytes. */
export const gitSha1 = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
export const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** One repository; files that end in `.safetensors` are kept by LFS. */
export class HubServer {
  readonly hub = new TestServer();
  /** The host that the hub sends people to for large files. */
  readonly storage = new TestServer();
  readonly files = new Map<string, Buffer>();
  commit = COMMIT;
  /** Who is let in; everybody unless set. */
  token?: string;

  constructor(readonly name: string) {}

  async start(): Promise<this> {
    await Promise.all([this.hub.start(), this.storage.start()]);
    this.hub.answer = (request, response) => this.resolve(request, response);
    this.storage.answer = (request, response) => serve(this.files.get(request.url!.slice(1))!)(request, response);
    return this;
  }

  close(): void {
    this.hub.close();
    this.storage.close();
  }

  get requests(): string[] {
    return this.hub.requests.map(({ method, url }) => `${method} ${url}`);
  }

  private resolve(request: http.IncomingMessage, response: http.ServerResponse): void {
    const [, name, revision, file] = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/.exec(request.url!) ?? [];
    if (this.token && request.headers.authorization !== `Bearer ${this.token}`) {
      return void response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end();
    }
    if (name !== this.name || !['main', this.commit].includes(revision)) {
      return void response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end();
    }
    response.setHeader('x-repo-commit', this.commit);
    const content = this.files.get(file);
    if (!content) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    if (!file.endsWith('.safetensors')) return serve(content, { tag: `"${gitSha1(content)}"` })(request, response);
    const linked = { 'x-linked-etag': `"${sha256(content)}"`, 'x-linked-size': content.length };
    response.writeHead(302, { location: `${this.storage.url}/${file}`, ...linked }).end();
  }
}
