// `spanlab serve`: a page to try a model, and a JSON interface, until Ctrl-C.
import path from 'node:path';
import { defineCommand } from 'citty';
import { isLoopback } from '../serve/access';
import { RemoteEngine } from '../serve/remote-engine';
import { serveEngine } from '../serve/server';
import { modelFolder } from './model';
import { answersOption, backendOption, modelOption, number, takeAnswers } from './options';
import { UsageError } from './usage';
import { say, tell } from '../terminal';
import { onStop } from './interrupt';

export default defineCommand({
  args: {
    model: modelOption,
    port: { type: 'string', description: 'port; 0 for any free one', default: '8000' },
    host: { type: 'string', description: 'address; 0.0.0.0 lets other machines in', default: '127.0.0.1' },
    token: {
      type: 'string',
      description: 'what a request must know (or SPANLAB_TOKEN, which no list of processes shows)',
    },
    'allow-host': { type: 'string', description: 'further names of this server, with commas between them' },
    backend: backendOption,
    answers: answersOption,
  },
  async run({ args }) {
    const port = number(args, 'port', { max: 65535, integer: true });
    const folder = await modelFolder(args.model);
    const token = args.token ?? process.env.SPANLAB_TOKEN;
    if (token?.trim() === '') throw new UsageError('--token is empty; give some signs');
    takeAnswers(args.answers);
    const engine = await RemoteEngine.start(folder, args.backend);
    engine.notes.forEach(say);
    const allowedHosts = args['allow-host']?.split(',').map((name) => name.trim());
    const options = { host: args.host, port, name: path.basename(folder), allowedHosts, token };
    const { url, close } = await serveEngine(engine, options).catch(async (error: unknown) => {
      await engine.close();
      throw error;
    });
    tell(`${url}\n`);
    say(`serving; press Ctrl-C to stop${token === undefined ? '' : '; open it with ?token=…'}`);
    if (!isLoopback(args.host) && token === undefined) {
      say('warning: other machines can reach this server, and nothing asks them who they are (--token)');
    }
    await new Promise<void>((resolve) => onStop('answering the last requests', resolve));
    await close();
    await engine.close();
  },
});
