// Downloads of the site: bytes that are not those that were promised are refused, and each failure has its code.
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { fetchChecked } from '../../site/download/checked';
import { gitSha1, sha256 } from '../download/hub-server';

const CONTENT = Buffer.from('content');
const STATUSES: Record<string, number> = { '/no': 404, '/who': 401, '/never': 403, '/broken': 500 };

test('bytes are checked, progress is told, failures have codes', async () => {
  const server = http.createServer(({ url }, response) => void response.writeHead(STATUSES[url!] ?? 200).end(CONTENT));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const told: number[] = [];
    const onProgress = (done: number) => void told.push(done);
    for (const expected of [{ sha256: sha256(CONTENT) }, { gitSha1: gitSha1(CONTENT) }, {}]) {
      assert.deepEqual(await fetchChecked(`${url}/a`, { ...expected, onProgress }), CONTENT);
    }
    assert.deepEqual(told, [7, 7, 7]);
    for (const expected of [{ sha256: sha256(Buffer.from('other')) }, { gitSha1: gitSha1(Buffer.from('other')) }]) {
      await assert.rejects(fetchChecked(`${url}/a`, expected), { code: 'E_DOWNLOAD_HASH' });
    }
    const codes = { '/no': 'MISSING', '/who': 'AUTH', '/never': 'DENIED' };
    for (const [place, code] of Object.entries(codes)) {
      await assert.rejects(fetchChecked(url + place, {}), { code: `E_DOWNLOAD_${code}` });
    }
    await assert.rejects(fetchChecked(`${url}/broken`, {}), { code: 'E_DOWNLOAD', message: /answers 500/ });
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(fetchChecked(`${url}/a`, { signal }), /enough/);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  await assert.rejects(fetchChecked(`${url}/a`, {}), { code: 'E_DOWNLOAD_NETWORK' });
});
