// The small run in a process of its own, as the command line would carry it out: limited-run.ts OUTPUT.
import { report } from '../../src/cli/report';
import { chooseBackend } from '../../src/engine/backend';
import { outliveSizeLimit } from '../../src/size-limit';
import { Trainer } from '../../src/training/trainer';
import { setup } from '../training/small';

async function main(output: string): Promise<void> {
  await chooseBackend();
  await new Trainer(setup({ steps: 6, checkpointEvery: 2 }, output)).run();
}

outliveSizeLimit();
const fail = (error: unknown) => process.exit(report(error, 'train'));
process.on('uncaughtException', fail);
main(process.argv[2]).then(() => process.exit(0), fail);
