// The set-up as a process: real pip, real unpacking, a real compiler, and a wheel of a few kilobytes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ANSWER, createProject, type Project } from './project';

/** Kills the set-up that called it. */
const KILL = 'kill -9 $PPID; sleep 1; exit 1';

const READY = /native TensorFlow 1\.0 \(cpu\) is ready: \d+ MB in .*tensorflow-1\.0-cpu, \d+ s/;

function assertWhole(project: Project): void {
  assert.equal(project.answer(), ANSWER);
  assert.deepEqual(fs.readdirSync(project.tensorflow).sort(), [
    ...['.complete', '.tensorflow-cpu==1.0', 'include', 'tensorflow', 'tfjs_binding.node'],
  ]);
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  assert.deepEqual(fs.readdirSync(path.join(project.tensorflow, 'tensorflow')).sort(), libraries);
}

const KILLED: Record<string, Record<string, string>> = {
  'while pip downloads': {
    python3: `case "$*" in *"pip download"*) for last; do :; done
      printf half > "$(dirname "$last")/half.whl"; ${KILL};; esac; exec "$PYTHON" "$@"`,
  },
  'while files are unpacked': {
    python3: `case "$*" in *unpack.py*) mkdir -p "$3/tensorflow"
      printf half > "$3/tensorflow/libtensorflow_cc.so.2"; ${KILL};; esac; exec "$PYTHON" "$@"`,
  },
  'after the files are unpacked': {
    python3: `case "$*" in *unpack.py*) "$PYTHON" "$@"; ${KILL};; esac; exec "$PYTHON" "$@"`,
  },
  'while the addon is compiled': {
    'g++': `case "$*" in *binding*) for last; do :; done; printf half > "$last"; ${KILL};; esac; exit 0`,
  },
};

describe('set-up', { concurrency: 3 }, () => {
  test('the library and the addon are made once', async (t) => {
    const project = createProject();
    const first = await project.setUp();
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, READY);
    assertWhole(project);

    const second = await project.setUp(undefined, { only: [] });
    assert.equal(second.code, 0);
    assert.equal(
      second.stderr,
      'setup: native TensorFlow 1.0 (cpu): ready\nsetup: the engine for this processor: ready\n',
    );

    await t.test('a fresh node_modules needs the link alone: no Python, no compiler', async () => {
      fs.rmSync(path.join(project.root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib'), { recursive: true });
      const third = await project.setUp(undefined, { only: [] });
      assert.match(third.stderr, READY);
      assertWhole(project);
    });

    await t.test('a new version of the package is compiled against the library that is there', async () => {
      fs.writeFileSync(
        path.join(project.root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'package.json'),
        '{ "version": "2.0.0" }',
      );
      const fourth = await project.setUp();
      assert.match(fourth.stderr, /compiling/);
      assert.doesNotMatch(fourth.stderr, /fetching/);
      assertWhole(project);
    });
  });

  test('our kernels are compiled again when their source changes, and training goes on without them', async () => {
    const project = createProject();
    await project.setUp();
    const folder = path.join(project.cache, 'kernels');
    const [first] = fs.readdirSync(folder);
    const source = path.join(project.root, 'src', 'engine', 'native', 'kernels', 'kernels.cc');
    const text = fs.readFileSync(source, 'utf8');
    fs.writeFileSync(source, `${text}// changed\n`);
    const changed = await project.setUp();
    assert.match(changed.stderr, /compiling the engine.*\n.*the engine for this processor is ready/);
    const [second, ...others] = fs.readdirSync(folder);
    assert.notEqual(second, first);
    assert.deepEqual(others, []);

    for (const [mistake, reason] of [
      ['not C++;', /the engine could not be compiled: g\+\+: .*error: [^\n]*; training goes on with TensorFlow's own/],
      ['struct A { A() { __builtin_trap(); } } a;', /it does not load on this machine \(SIG\w+\); training goes on/],
    ] as const) {
      fs.writeFileSync(source, text + mistake);
      const broken = await project.setUp();
      assert.equal(broken.code, 0);
      assert.match(broken.stderr, reason);
      assert.deepEqual(fs.readdirSync(folder), [second], 'nothing half made');
    }
  });

  for (const [moment, tools] of Object.entries(KILLED)) {
    test(`killed ${moment}, it goes on and ends with the same`, async () => {
      const project = createProject();
      assert.equal((await project.setUp(undefined, { tools })).signal, 'SIGKILL');
      assert.equal(fs.existsSync(path.join(project.tensorflow, '.complete')), false);
      const again = await project.setUp();
      assert.match(again.stderr, READY);
      assert.equal(
        /fetching/.test(again.stderr),
        !moment.includes('compiled'),
        'what was unpacked is not fetched again',
      );
      assertWhole(project);
    });
  }

  test('two at once: one works, the other waits and finds it done', async () => {
    const project = createProject();
    const both = await Promise.all([project.setUp(), project.setUp()]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(both.filter(({ stderr }) => stderr.includes('fetching')).length, 1);
    assertWhole(project);
  });

  test('what is missing is named in one sentence, and the rest goes on', async (t) => {
    const without = '; training goes on with the slower WebAssembly backend.\n';
    await t.test('no compiler', async () => {
      const { code, stderr } = await createProject().setUp(undefined, { only: ['python3'] });
      assert.equal(stderr, `setup: native TensorFlow needs a C++ compiler such as g++${without}`);
      assert.equal(code, 0);
    });
    await t.test('neither Python nor a compiler', async () => {
      const { code, stderr } = await createProject().setUp([], { only: [] });
      assert.match(
        stderr,
        /^setup: native TensorFlow needs Python 3 with pip and a C\+\+ compiler such as g\+\+; .*\n/,
      );
      assert.match(
        stderr,
        /\nsetup: notebooks need Python 3\.10 or newer with its venv module .*; notebooks cannot run/,
      );
      assert.equal(stderr.split('\n').length, 3, 'two lines');
      assert.equal(code, 0);
    });
  });

  test('a wheel with other bytes than the pinned ones is refused', async () => {
    const project = createProject({ sha256: '0'.repeat(64) });
    const { code, stderr } = await project.setUp();
    assert.equal(code, 0);
    assert.match(
      stderr,
      /could not be set up: tensorflow-cpu==1\.0 has SHA-256 [0-9a-f]{64}, not 0{64}; an index gave other bytes; training goes on/,
    );
    assert.deepEqual(fs.readdirSync(project.tensorflow), []);
  });

  test('sources that do not compile: the compiler says why', async () => {
    const { code, stderr } = await createProject({ atLoad: 'not C++;' }).setUp();
    assert.equal(code, 0);
    assert.match(stderr, /could not be set up: g\+\+: .*error: [^\n]*; training goes on[^\n]*\n$/);
  });

  test('a library that kills the process that loads it is not linked', async () => {
    const project = createProject({ atLoad: 'abort();' });
    const { code, stderr } = await project.setUp();
    assert.equal(code, 0);
    assert.match(stderr, /does not load on this machine \(SIGABRT\); training goes on/);
    assert.throws(() => project.answer());
  });

  test('without a CUDA build that works, the build for the processor is taken', async (t) => {
    for (const gpuBuild of [true, false]) {
      await t.test(gpuBuild ? 'the build cannot be fetched' : 'there is no build', async () => {
        const project = createProject({ gpuBuild });
        const { stderr } = await project.setUp(['--gpu', '--only', 'tensorflow']);
        assert.match(stderr, /going on with the build for the processor/);
        assert.match(stderr, READY);
        assertWhole(project);
      });
    }
  });

  test('wrong usage ends with 2', async () => {
    const project = createProject();
    const outcomes = await Promise.all([['--only', 'python'], ['--cuda'], ['gpu']].map((args) => project.setUp(args)));
    for (const { code, stderr } of outcomes) {
      assert.equal(code, 2);
      assert.match(stderr, /^error: E_USAGE: .*\n$/);
    }
  });
});
