// What `npm start`, `npm test` and `npm run lab` call first.
import { setUp } from './set-up';

setUp().catch((error: Error) => {
  process.stderr.write(`error: E_SETUP: ${error.message}\n`);
  process.exitCode = 1;
});
