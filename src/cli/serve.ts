// `spanlab serve`: a page to try a model, and a JSON interface, until Ctrl-C.
import path from 'node:path';
import { defineCommand } from 'citty';
import { isLoopback } from '../serve/access';
import { RemoteEngine } from '../serve/remote-engine';
import { serveEngine } from '../serve/server';
import { knowsNoAnswer } from '../training/no-answer';
import { modelFolder } from './model';
import { answersOption, backendOption, modelOption, number, takeAnswers } from './options';
import { UsageError } from './usage';
import { say, tell } from '../terminal';
import { onStop } from './interrupt';

export default defineCommand({
  args: {
    model: modelOption,
    port: { type: 'string', description: 'port to listen on; 0 picks a free one', default: '8000' },
    host: { type: 'string', description: 'address to listen on; 0.0.0.0 lets other machines in', default: '127.0.0.1' },
    token: {
      type: 'string',
      description: 'token that each request must carry; or set SPANLAB_TOKEN, which process lists do not show',
    },
    'allow-host': { type: 'string', description: 'further host names of this server, separated by commas' },
    backend: backendOption,
    answers: answersOption,
  },
  async run({ args }) {
    const port = number(args, 'port', { max: 65535, integer: true });
    const folder = await modelFolder(args.model);
    const token = args.token ?? process.env.SPANLAB_TOKEN;
    if (token?.trim() === '') throw new UsageError('--token is empty; give at least one character');
    takeAnswers(args.answers);
    const engine = await RemoteEngine.start(folder, args.backend);
    engine.notes.forEach(say);
    const allowedHosts = args['allow-host']?.split(',').map((name) => name.trim());
    const about = { name: path.basename(folder), mayBeNone: knowsNoAnswer(folder) };
    const options = { host: args.host, port, ...about, allowedHosts, token };
    const { url, close } = await serveEngine(engine, options).catch(async (error: unknown) => {
      await engine.close();
      throw error;
    });
    tell(`${url}\n`);
    say(`serving; press Ctrl-C to stop${token === undefined ? '' : '; open it with ?token=…'}`);
    if (!isLoopback(args.host) && token === undefined) {
      say('warning: other machines can reach this server, and it asks for no password (--token sets one)');
    }
    await new Promise<void>((resolve) => onStop('finishing the last requests', resolve));
    await close();
    await engine.close();
  },
});
