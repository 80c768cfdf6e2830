// `spanlab serve`: a page to try a model, and a JSON interface, until Ctrl-C.
import path from 'node:path';
import { defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { QuestionAnsweringModel } from '../model/question-answering';
import { serve } from '../serve/server';
import { Tokenizer } from '../tokens/tokenizer';
import { modelFolder } from './model';
import { backendOption, modelOption, number } from './options';

const LOOPBACK = /^(127\.|localhost$|::1$)/;

export default defineCommand({
  meta: { name: 'serve', description: 'try a model in the browser, or ask it over HTTP' },
  args: {
    model: modelOption,
    port: { type: 'string', description: 'port; 0 for any free one', default: '8000' },
    host: { type: 'string', description: 'address; 0.0.0.0 lets other machines in', default: '127.0.0.1' },
    backend: backendOption,
  },
  async run({ args }) {
    const port = number(args, 'port', { max: 65535, integer: true });
    const folder = await modelFolder(args.model);
    await chooseBackend(args.backend);
    const model = QuestionAnsweringModel.fromPretrained(folder);
    const tokenizer = await Tokenizer.fromFolder(folder);
    const { url, close } = await serve(model, tokenizer, { host: args.host, port, name: path.basename(folder) });
    process.stdout.write(`${url}\n`);
    process.stderr.write('serving; press Ctrl-C to stop\n');
    if (!LOOPBACK.test(args.host)) process.stderr.write('warning: other machines can reach this server\n');
    await stopSignal();
    await close();
  },
});

/** Ctrl-C or SIGTERM; the second ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const onSignal = () => {
      if (isAsked) process.exit(130);
      isAsked = true;
      process.stderr.write('\nanswering the last requests (press again to stop at once)\n');
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
