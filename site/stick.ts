// `serve.cjs` in the built site: serves the folder that it lies in, from a USB stick too; it needs Node and nothing else.
import type { AddressInfo } from 'node:net';
import { serveSite } from '../src/serve/site';

const PORT = 8000;

serveSite(__dirname, { port: PORT })
  .catch(() => serveSite(__dirname)) // the port is taken: any other
  .then(
    (server) => {
      const { port } = server.address() as AddressInfo;
      process.stdout.write(`The course is at http://127.0.0.1:${port}/ (Ctrl-C ends it)\n`);
    },
    (error: unknown) => {
      process.stderr.write(`error: ${(error as Error).message}\n`);
      process.exitCode = 1;
    },
  );
