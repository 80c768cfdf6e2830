// HTTP and HTTPS on one port of 127.0.0.1, so that a redirect can change the scheme and nothing else.
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TestServer } from './server';

/** Made for these tests (openssl req -x509 … -subj /CN=127.0.0.1); nothing trusts it. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZJqXsg8KX4BezsnL
hE3roWXFNu0kKuoCHiRswH27Hp+hRANCAAS1kG+CUra+pGSL9fUEIweqB5skCCJl
KRlT7VaPLib9SH24bgoR4jebNLjtlvR3qP66c5IQ/Oksh8o4I2nhLHgg
-----END PRIVATE KEY-----
`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBkTCCATagAwIBAgIUT5+t6Ots8dSPdn5bwFwIZFtL+e8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzEzNDUxNFoYDzIxMjYxMDMw
MTM0NTE0WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS1kG+CUra+pGSL9fUEIweqB5skCCJlKRlT7VaPLib9SH24bgoR4jeb
NLjtlvR3qP66c5IQ/Oksh8o4I2nhLHggo2QwYjAdBgNVHQ4EFgQUb89+dowkUHna
EiFTHnFWq8iagAgwHwYDVR0jBBgwFoAUb89+dowkUHnaEiFTHnFWq8iagAgwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0kAMEYC
IQD2g1IAbiMa0vtyyKESXw6t+V6IXmEseK4j48TiRboAUAIhAPa/QJ+QtYfoBzTW
QkqO09rW73FJ1EPbJMJIomaWHzqB
-----END CERTIFICATE-----
`;

/** The first byte of a TLS connection (RFC 8446, 5.1). */
const HANDSHAKE = 22;

export interface DoubleServer {
  /** Without the scheme: `127.0.0.1:PORT`. */
  host: string;
  close(): void;
}

/** Gives both kinds of connections to `server`, which answers and writes down what it was asked. */
export async function bothSchemes(server: TestServer): Promise<DoubleServer> {
  const secure = https.createServer({ key: KEY, cert: CERT }, (request, response) => server.handle(request, response));
  const sockets = new Set<Socket>();
  const port = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (data) => {
      socket.pause().unshift(data);
      if (data[0] === HANDSHAKE) secure.emit('connection', socket);
      else server.connect(socket);
      process.nextTick(() => socket.resume());
    });
  });
  await new Promise<void>((resolve) => port.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(port.address() as AddressInfo).port}`,
    close: () => (port.close(), sockets.forEach((socket) => socket.destroy())),
  };
}
