// Documents lead where they say, the picture of the rooms is that of the code, and every public name is exported where people look.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { deadLinks, deadPages } from '../../docs/links';
import { draw, floors, readImports } from '../../docs/rooms';
import { version as createVersion } from '../../create/package.json';
import { exports as entries, version } from '../../package.json';

const ROOT = path.resolve(__dirname, '..', '..');
const DOCUMENTS = ['README.md', 'TEACHING.md', 'environment.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

test('no link of a document leads nowhere', () => {
  const guides = fs.readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const files = [...DOCUMENTS, ...guides.map((name) => path.join('docs', name))].map((name) => path.join(ROOT, name));
  assert.deepEqual(deadLinks(files), []);
});

test('dead links are found: a missing file, a missing heading, a missing page, a missing anchor', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab links '));
  try {
    const file = path.join(folder, 'a.md');
    fs.writeFileSync(
      file,
      '# The `one` & only\n[a](#the-one--only) [b](#two) [c](a.md) [d](b.md) [e](https://x.y)\n```\n[f](g)\n```\n`[h](i)`\n',
    );
    assert.deepEqual(
      deadLinks([file]).map(({ link }) => link),
      ['#two', 'b.md'],
    );
    const page = path.join(folder, 'a.html');
    fs.writeFileSync(page, '<a href="#here">x</a><p id="here"><a class="y" href="b.html">x</a><a href="a.html#gone">');
    assert.deepEqual(
      deadPages(folder).map(({ link }) => link),
      ['b.html', 'a.html#gone'],
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('the picture of the rooms is up to date (npm run rooms), and rooms import one way', () => {
  const imports = readImports();
  assert.ok(imports.get('training')!.has('model'));
  assert.ok(floors(imports).get('cli')! > floors(imports).get('engine')!);
  assert.equal(fs.readFileSync(path.join(ROOT, 'docs', 'rooms.svg'), 'utf8'), draw(imports));
  const circle = new Map([['a', new Set(['b'])], ['b', new Set(['a'])]]); // prettier-ignore
  assert.throws(() => floors(circle), /rooms import each other: a → b → a/);
});

test('every entry of the package is a file of names, for each module resolution', () => {
  const { typesVersions } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    typesVersions: Record<'*', Record<string, string[]>>;
  };
  for (const [entry, target] of Object.entries(entries)) {
    if (typeof target === 'string') continue;
    const source = path.join(ROOT, target.default.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts'));
    assert.ok(fs.existsSync(source), entry);
    if (entry !== '.') assert.deepEqual(typesVersions['*'][entry.slice(2)], [target.types.slice(2)]);
  }
  assert.equal(createVersion, version, 'create-spanlab asks for the spanlab of its own version');
});

test('npm 10 and 11 leave the lock file as it is: npm 10 drops the field libc, which 11 writes', () => {
  const lock = fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8');
  assert.ok(!lock.includes('"libc"'), 'npx npm@10 install --package-lock-only');
});
