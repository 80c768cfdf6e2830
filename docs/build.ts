// `npm run docs`: the picture of the rooms, and the API's reference with the guides in docs/site, all links checked.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { deadPages } from './links';

const ROOT = path.resolve(__dirname, '..');
const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;

const status = run('--import', 'tsx', 'docs/rooms.ts') || run('node_modules/typedoc/bin/typedoc', '--logLevel', 'Warn');
const dead = status === 0 ? deadPages(path.join(__dirname, 'site')) : [];
for (const { file, link } of dead) process.stderr.write(`${path.relative(ROOT, file)}: ${link} leads nowhere\n`);
process.stdout.write(`docs/site/index.html, ${dead.length} dead links\n`);
process.exitCode = status || (dead.length > 0 ? 1 : 0);
