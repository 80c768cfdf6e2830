// How the package is packed: never without what was built.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pack } from '../../package/pack';

const ROOT = path.resolve(__dirname, '..', '..');
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'pack-'));
after(() => fs.rmSync(place, { recursive: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(place, file)), { recursive: true });
  fs.writeFileSync(path.join(place, file), text);
}

/** A clone in small. */
const MANIFEST = {
  name: 'small',
  version: '1.2.3',
  private: true,
  type: 'commonjs',
  files: ['dist', 'bin.cjs'],
  bin: { small: 'bin.cjs' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  scripts: { test: 'exit 1' },
  devDependencies: { tsx: '*' },
};

test('npm publish in the clone refuses', () => {
  // to a registry that is not there, as somebody whom it would know
  const registry = ['--registry', 'http://127.0.0.1:9', '--//127.0.0.1:9/:_authToken=x', '--offline'];
  const { status, stderr } = spawnSync('npm', ['publish', ...registry], { cwd: ROOT, encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, /EPRIVATE/);
});

test('what was not built is not packed; what was comes without what is of the clone only', () => {
  write('package.json', JSON.stringify(MANIFEST));
  for (const file of ['bin.cjs', 'README.md', 'LICENSE', 'dist/index.d.ts', 'src/index.ts']) write(file, '');
  assert.throws(
    () => pack(place, place),
    /nothing is packed: \.\/dist\/index\.js not there; npm run pack builds first/,
  );
  write('dist/index.js', 'exports.built = 1');
  const tarball = pack(place, place);
  assert.equal(tarball, path.join(place, 'small-1.2.3.tgz'));
  const tar = (...args: string[]) => spawnSync('tar', args, { cwd: place, encoding: 'utf8' }).stdout;
  assert.deepEqual(
    tar('-tzf', tarball).trim().split('\n').sort(),
    ['LICENSE', 'README.md', 'bin.cjs', 'dist/index.d.ts', 'dist/index.js', 'package.json'].map(
      (file) => `package/${file}`,
    ),
  );
  const packed = JSON.parse(tar('-xzOf', tarball, 'package/package.json')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(packed), ['name', 'version', 'type', 'files', 'bin', 'exports']);
});
