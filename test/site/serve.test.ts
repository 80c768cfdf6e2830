// The server of the built site: its files and nothing else, whatever is asked.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { serveSite } from '../../site/serve';
import { raw } from '../serve/server';

test('files of the folder are served; what is no address, or leads out, is not there', async () => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-site-'));
  const folder = path.join(place, 'site');
  for (const name of ['site/a/index.html', 'site/b.js', 'site-other/secret']) {
    fs.mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    fs.writeFileSync(path.join(place, name), name);
  }
  const server = await serveSite(folder);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const status = async (address: string) => {
    const lines = [`GET ${address} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', '', ''];
    return /^HTTP\/1\.1 (\d+)/.exec(await raw(url, Buffer.from(lines.join('\r\n'))))?.[1];
  };
  try {
    for (const address of ['/a', '/a/', '/a/index.html', '/b.js?x=1'])
      assert.equal(await status(address), '200', address);
    const none = ['/', '/%', '/%00', '/b.js/c', '/../site-other/secret', '/..%2fsite-other/secret', 'http://x/../../site-other/secret', `/${'x'.repeat(5000)}`]; // prettier-ignore
    for (const address of none) assert.equal(await status(address), '404', address);
  } finally {
    server.close();
    fs.rmSync(place, { recursive: true });
  }
});
