// `npm run bundle`: spanlab with everything installed as one archive, for rooms without a network.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureWorkshopEncoder } from '../model/workshop-encoder';
import { projectRoot } from '../root';
import { writeBundle } from '../setup/bundle/archive';
import { megabytes } from '../setup/folder';
import { outliveSizeLimit } from '../size-limit';
import { report } from './report';
import { tell } from '../terminal';

/** The tutorial's model goes along where it is: whoever falls behind in a workshop goes on with it. */
const TRAINED = path.join('models', 'workshop-qa');

async function bundle(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { out: { type: 'string' }, with: { type: 'string', multiple: true } },
  });
  const out = path.resolve(values.out ?? path.join('runs', `spanlab-${process.platform}-${process.arch}.tar.gz`));
  const extra = values.with ?? [];
  if (fs.existsSync(path.join(projectRoot(), TRAINED, 'model.safetensors'))) extra.push(TRAINED);
  await ensureWorkshopEncoder();
  const { python, node } = await writeBundle({ out, extra });
  tell(
    [
      `${out}  ${megabytes(fs.statSync(out).size)}`,
      `for ${process.platform} on ${process.arch} with Python ${python.join(', ')}; made with Node ${node}`,
      `there: tar xzf ${path.basename(out)} && spanlab/offline.sh lab`,
      '',
    ].join('\n'),
  );
}

outliveSizeLimit();
bundle(process.argv.slice(2)).catch((error) => {
  process.exitCode = report(error, 'bundle');
});
