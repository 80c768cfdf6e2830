// The Python environment, with an empty list of packages.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createProject } from './project';

const JUPYTER = ['--only', 'jupyter'];
const IS_READY = /setup: JupyterLab is ready: \d+ MB in .*jupyter, \d+ s/;
const PIECES = ['JupyterLab', 'plots and tables in JupyterLab', "trust in the course's notebooks"];
const IS_THERE = PIECES.map((piece) => `setup: ${piece}: ready\n`).join('');

// the machine's own pip in place of a fresh one, which takes six seconds to unpack
const tools = {
  python3: `case "$*" in *"venv --clear"*) set -- -m venv --clear --without-pip --system-site-packages "$4";; esac
    exec "$PYTHON" "$@"`,
};

describe('jupyter', { concurrency: 2 }, () => {
  test('it is made once, again when the list of packages has changed, and again when its Python is gone', async () => {
    const project = createProject();
    assert.match((await project.setUp(JUPYTER, { tools })).stderr, IS_READY);
    assert.equal((await project.setUp(JUPYTER, { only: [] })).stderr, IS_THERE);
    const view = path.join(project.cache, 'jupyter', 'share', 'jupyter', 'labextensions', 'spanlab-view');
    assert.match(fs.readFileSync(path.join(view, 'static', 'plotly.js'), 'utf8').slice(0, 40), /plotly\.js v4/);
    assert.match(fs.readFileSync(path.join(view, 'static', 'remoteEntry.js'), 'utf8'), /_JUPYTERLAB/);

    fs.appendFileSync(path.join(project.root, 'kernel', 'requirements.txt'), '# changed\n');
    assert.match((await project.setUp(JUPYTER, { tools })).stderr, IS_READY);
    assert.equal((await project.setUp(JUPYTER, { only: [] })).stderr, IS_THERE);

    const python = path.join(project.cache, 'jupyter', 'bin', 'python');
    fs.rmSync(python);
    fs.symlinkSync('/nowhere/python', python);
    assert.match((await project.setUp(JUPYTER, { tools })).stderr, IS_READY);
  });

  test('a package that cannot be had is one sentence, and counts as not installed', async () => {
    const project = createProject();
    fs.writeFileSync(path.join(project.root, 'kernel', 'requirements.txt'), 'not-a-package==1.0\n');
    const { code, stderr } = await project.setUp(JUPYTER, { tools });
    assert.equal(code, 0);
    assert.match(
      stderr,
      /setup: JupyterLab could not be installed: .*python: ERROR: No matching distribution found for not-a-package==1\.0; notebooks cannot run/,
    );
    assert.notEqual((await project.setUp(JUPYTER, { tools })).stderr, IS_THERE);
  });

  test('Python without venv: what to install', async () => {
    const project = createProject();
    const broken = { python3: 'echo "No module named ensurepip" >&2; exit 1' };
    const { code, stderr } = await project.setUp(JUPYTER, { tools: broken });
    assert.equal(code, 0);
    assert.match(stderr, /^setup: notebooks need Python 3\.10 or newer with its venv module \(on Debian: apt install python3-venv\); .*\n$/); // prettier-ignore
  });
});
