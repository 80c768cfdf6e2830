// What the set-up takes out of TensorFlow's wheel is all that its libraries load, on every system that has a wheel. The layouts were read
// from the wheels of TensorFlow 2.18.1 (zip entries; `readelf -d`, and the load commands of Mach-O).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { codeFile } from '../../src/root';

interface Layout {
  /** Entries of the archive; the libraries name what they load and where they look for it, seen from their own folder. */
  libraries: Record<string, { loads: string[]; looksIn: string[] }>;
  headers: string[];
}

const LINUX = ['libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libstdc++.so.6', 'libgcc_s.so.1', 'libc.so.6']; // prettier-ignore
const MAC = [
  '/usr/lib/libc++.1.dylib',
  '/usr/lib/libSystem.B.dylib',
  '/System/Library/Frameworks/Foundation.framework',
];
const HEADERS = [
  ...['tensorflow/c/c_api.h', 'tensorflow/c/eager/c_api.h', 'xla/tsl/c/tsl_status.h'],
  ...['tensorflow/core/platform/ctstring.h', 'tsl/platform/ctstring_internal.h', 'tensorflow/tsl/platform/ctstring.h'],
].map((name) => `tensorflow/include/${name}`);

const LAYOUTS: Record<string, Layout> = {
  'linux-x64': {
    libraries: {
      'tensorflow/libtensorflow_cc.so.2': {
        loads: [...LINUX, 'ld-linux-x86-64.so.2', 'libtensorflow_framework.so.2'],
        looksIn: ['.'],
      },
      'tensorflow/libtensorflow_framework.so.2': { loads: [...LINUX, 'ld-linux-x86-64.so.2'], looksIn: ['.'] },
    },
    headers: HEADERS,
  },
  'linux-arm64': {
    libraries: {
      'tensorflow/libtensorflow_cc.so.2': {
        loads: [...LINUX, 'ld-linux-aarch64.so.1', 'libtensorflow_framework.so.2', 'libomp-6196b3b5.so.5'],
        looksIn: ['.', '../tensorflow.libs'],
      },
      'tensorflow/libtensorflow_framework.so.2': { loads: [...LINUX, 'ld-linux-aarch64.so.1'], looksIn: ['.'] },
      'tensorflow.libs/libomp-6196b3b5.so.5': { loads: [...LINUX, 'ld-linux-aarch64.so.1'], looksIn: ['.'] },
    },
    headers: HEADERS,
  },
  'darwin-arm64': {
    libraries: {
      'tensorflow/libtensorflow_cc.2.dylib': { loads: [...MAC, 'libtensorflow_framework.2.dylib'], looksIn: ['.'] },
      'tensorflow/libtensorflow_framework.2.dylib': { loads: MAC, looksIn: ['.'] },
    },
    headers: HEADERS,
  },
};

const isSystems = (name: string) => [...LINUX, ...MAC].includes(name) || name.startsWith('ld-linux-');

/** Unpacks an archive with these entries as the set-up does. */
function unpack(entries: string[]): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-layout-'));
  const [wheel, folder, scratch] = ['a.whl', 'folder', 'scratch'].map((name) => path.join(root, name));
  for (const each of [folder, scratch]) fs.mkdirSync(each);
  const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as files:
    for name in sys.argv[2:]: files.writestr(name, name)`;
  execFileSync('python3', ['-c', script, wheel, ...entries]);
  const program = codeFile('src', 'download', 'unpack.py');
  const { status, stderr } = spawnSync('python3', [program, wheel, folder, scratch], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return folder;
}

for (const [machine, { libraries, headers }] of Object.entries(LAYOUTS)) {
  test(`${machine}: every library finds what it loads, and the headers are there`, () => {
    const folder = unpack([...Object.keys(libraries), ...headers, 'tensorflow/python/large.py']);
    for (const [library, { loads, looksIn }] of Object.entries(libraries)) {
      for (const name of loads.filter((name) => !isSystems(name))) {
        const places = looksIn.map((place) => path.join(folder, path.dirname(library), place, name));
        assert.ok(
          places.some((place) => fs.existsSync(place)),
          `${library} loads ${name}`,
        );
      }
    }
    for (const header of headers)
      assert.ok(fs.existsSync(path.join(folder, header.replace('tensorflow/', ''))), header);
    assert.ok(!fs.existsSync(path.join(folder, 'tensorflow', 'python')));
  });
}
