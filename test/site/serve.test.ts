// The server of the built site, from a folder and from an archive: its files and nothing else, whatever is asked.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { packFiles } from '../../site/browser/zip';
import { serveSite } from '../../src/serve/site';
import { raw } from '../serve/server';

for (const isPacked of [false, true]) {
  const form = isPacked ? 'archive' : 'folder';
  test(`files of the ${form} are served; what is no address, or leads out, is not there`, () => tryServer(isPacked));
}

test('what is no site is refused with a code', async () => {
  const file = path.join(os.tmpdir(), `spanlab-no-site-${process.pid}`);
  await assert.rejects(serveSite(file), { code: 'E_FILE_MISSING' });
  fs.writeFileSync(file, 'text');
  await assert.rejects(serveSite(file), { code: 'E_FILE' });
  fs.rmSync(file);
});

async function tryServer(isPacked: boolean): Promise<void> {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-site-'));
  const folder = path.join(place, 'site');
  for (const name of ['site/a/index.html', 'site/b.js', 'site-other/secret']) {
    fs.mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    fs.writeFileSync(path.join(place, name), name);
  }
  const archive = path.join(place, 'site.zip');
  const names = ['a/index.html', 'b.js'];
  const zip = packFiles('', names.map((name) => [name, Buffer.from(`site/${name}`)])); // prettier-ignore
  fs.writeFileSync(archive, Buffer.from(await zip.arrayBuffer()));
  const server = await serveSite(isPacked ? archive : folder);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const answer = (address: string) => {
    const lines = [`GET ${address} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', '', ''];
    return raw(url, Buffer.from(lines.join('\r\n')));
  };
  const status = async (address: string) => /^HTTP\/1\.1 (\d+)/.exec(await answer(address))?.[1];
  try {
    for (const address of ['/a', '/a/', '/a/index.html', '/b.js?x=1'])
      assert.equal(await status(address), '200', address);
    assert.match(await answer('/b.js'), /text\/javascript[^]*site\/b\.js/);
    const none = ['/', '/%', '/%00', '/b.js/c', '/../site-other/secret', '/..%2fsite-other/secret', 'http://x/../../site-other/secret', `/${'x'.repeat(5000)}`]; // prettier-ignore
    for (const address of none) assert.equal(await status(address), '404', address);
  } finally {
    server.close();
    fs.rmSync(place, { recursive: true });
  }
}
