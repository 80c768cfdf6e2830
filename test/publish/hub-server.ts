// A hub on 127.0.0.1 with its storage under another address: what @huggingface/hub 2.17 asks when it makes a commit.
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface Asked {
  host: 'hub' | 'storage';
  method: string;
  path: string;
  authorization?: string;
  body: Buffer;
}

type Reply = [status: number, body?: unknown];

/** A hub whose repositories are `visibility` by name, and whose files are `files` after a commit. */
export class HubServer {
  readonly asked: Asked[] = [];
  readonly repositories = new Map<string, string | undefined>();
  /** Of the storage, by SHA-256. */
  readonly stored = new Map<string, Buffer>();
  /** Of the last commit, by name. */
  files = new Map<string, Buffer>();
  /** Statuses that are answered instead, by a part of the address. */
  faults: Record<string, number> = {};
  private readonly servers = (['hub', 'storage'] as const).map((host) =>
    http.createServer((request, response) => void this.handle(host, request, response)),
  );

  async start(): Promise<this> {
    for (const server of this.servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  close(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  readonly url = (host: Asked['host'] = 'hub') =>
    `http://127.0.0.1:${(this.servers[host === 'hub' ? 0 : 1].address() as AddressInfo).port}`;

  private async handle(host: Asked['host'], request: http.IncomingMessage, response: http.ServerResponse) {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const asked = { host, method: request.method!, path: request.url!, body, authorization: request.headers.authorization }; // prettier-ignore
    this.asked.push(asked);
    const fault = Object.keys(this.faults).find((part) => asked.path.includes(part));
    const [status, answer] = fault ? [this.faults[fault], { error: 'as told' }] : this.answer(asked);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  }

  private answer({ host, method, path, body }: Asked): Reply {
    if (host === 'storage') return this.store(path, body);
    if (path === '/api/repos/create') return this.create(JSON.parse(body.toString()));
    const [, name, action] = /^\/(?:api\/models\/)?(\w+\/\w+)(?:\.git)?(\/[^?]*)?/.exec(path) ?? [];
    if (!this.repositories.has(name)) return [404, { error: 'Repository not found' }];
    if (method === 'GET') return [200, { id: name, private: this.repositories.get(name) === 'private' }];
    if (action === '/preupload/main') return this.preupload(JSON.parse(body.toString()));
    if (action === '/info/lfs/objects/batch') return this.batch(JSON.parse(body.toString()));
    if (action === '/commit/main') return this.commit(body.toString());
    return [404];
  }

  private create({ name, organization, visibility }: Record<string, string | undefined>): Reply {
    const id = `${organization}/${name}`;
    if (this.repositories.has(id)) return [409, { error: 'You already created this model repo' }];
    this.repositories.set(id, visibility);
    return [200, { url: `${this.url()}/${id}`, id }];
  }

  private preupload({ files }: { files: { path: string }[] }): Reply {
    const mode = (path: string) => (/\.(safetensors|onnx)$/.test(path) ? 'lfs' : 'regular');
    return [200, { files: files.map(({ path }) => ({ path, uploadMode: mode(path), shouldIgnore: false })) }];
  }

  private batch({ objects }: { objects: { oid: string; size: number }[] }): Reply {
    const actions = (oid: string) => ({ upload: { href: `${this.url('storage')}/${oid}?signature=secret` } });
    const each = objects.map(({ oid, size }) => ({
      oid,
      size,
      ...(!this.stored.has(oid) && { actions: actions(oid) }),
    }));
    return [200, { transfer: 'basic', objects: each }];
  }

  private store(path: string, body: Buffer): Reply {
    const oid = path.slice(1).split('?')[0];
    if (createHash('sha256').update(body).digest('hex') !== oid) return [400];
    this.stored.set(oid, body);
    return [200];
  }

  private commit(lines: string): Reply {
    const files = new Map<string, Buffer>();
    for (const { key, value } of lines
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> })) {
      // prettier-ignore
      if (key === 'file') files.set(value.path, Buffer.from(value.content, 'base64'));
      if (key !== 'lfsFile') continue;
      const content = this.stored.get(value.oid);
      if (content?.length !== Number(value.size)) return [400, { error: `no such object: ${value.path}` }];
      files.set(value.path, content);
    }
    this.files = files;
    return [200, { commitOid: 'c'.repeat(40), commitUrl: `${this.url()}/commit` }];
  }
}
