// `spanlab site serve`: the course for browsers, as `npm run site` built it, until Ctrl-C.
import type { AddressInfo } from 'node:net';
import { defineCommand } from 'citty';
import { serveSite } from '../serve/site';
import { number } from './options';
import { UsageError } from './usage';
import { say, tell } from '../terminal';

const serve = defineCommand({
  meta: { name: 'serve', description: 'serve the built site from its folder or zip archive' },
  args: {
    place: { type: 'positional', description: 'folder or zip archive', required: false, default: 'dist-site' },
    port: { type: 'string', description: 'port to listen on; 0 picks a free one', default: '8000' },
    host: { type: 'string', description: 'address to listen on; 0.0.0.0 lets other machines in', default: '127.0.0.1' },
  },
  async run({ args }) {
    const port = number(args, 'port', { max: 65535, integer: true });
    const server = await serveSite(args.place, { port, host: args.host }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new UsageError(`port ${port} is in use; choose another with --port`);
    });
    tell(`http://${args.host}:${(server.address() as AddressInfo).port}/\n`);
    say('serving; press Ctrl-C to stop');
  },
});

export default defineCommand({ subCommands: { serve } });
