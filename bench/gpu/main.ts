// `npm run bench:gpu -- pack FOLDER` packs the measurement for a machine with a GPU; `npm run bench:gpu -- table` writes the results down.
import { pack } from './pack';
import { write } from './table';

const [task, ...rest] = process.argv.slice(2);

async function main(): Promise<void> {
  if (task === 'pack') return pack(rest);
  if (task === 'table') return write();
  throw new Error(`"${task ?? ''}" is neither pack nor table`);
}

main().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
