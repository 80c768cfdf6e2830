// What notebooks and guides import from `./src` of the clone, the package gives under its theme.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { projectRoot } from '../../src/root';

const root = projectRoot();
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');
const namesIn = (braces: string) =>
  braces
    .split(',')
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')[0],
    )
    .filter(Boolean);

/** The names that a module lists, those of the modules it passes on whole included. */
function exportsOf(file: string): string[] {
  const text = read(file);
  const own = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names]) => namesIn(names));
  const whole = [...text.matchAll(/export \* from '\.\/([^']+)'/g)];
  return [...own, ...whole.flatMap(([, room]) => exportsOf(`src/${room}/index.ts`))];
}

/** They load `@xenova/transformers`, which the clone has and an install of the package does without (docs/dependencies.md). */
const OF_THE_CLONE = ['compareExports'];

const texts = ['notebooks/text', 'notebooks/solutions/text'].flatMap((folder) =>
  fs.readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`),
);

test('every name that a notebook or a guide imports is one of the package', () => {
  const all = exportsOf('src/index.ts');
  assert.ok(all.includes('readSquad') && texts.length >= 20);
  for (const file of [...texts, 'README.md', 'TEACHING.md']) {
    for (const [, names, module] of read(file).matchAll(/import (?:type )?\{([^}]*)\} from '\.\/src\/([^']+)'/g)) {
      const index = `src/${module.split('/')[0]}/index.ts`;
      const given = [...OF_THE_CLONE, ...all, ...(fs.existsSync(path.join(root, index)) ? exportsOf(index) : [])];
      for (const name of namesIn(names)) assert.ok(given.includes(name), `${file}: ${name} of ${module}`);
    }
  }
});
