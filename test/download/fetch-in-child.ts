// A process that downloads one file, to be killed: `fetch-in-child.ts URL TARGET`.
import { fetchFile } from '../../src/download/file';

const [url, target] = process.argv.slice(2);
fetchFile(url, target, { backoff: 1 }).then(
  () => process.stdout.write('done'),
  (error: Error) => {
    process.stderr.write(error.message);
    process.exitCode = 1;
  },
);
