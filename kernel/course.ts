// Runs course.py with the kernel's environment: course.ts build|prose|draw|check|pair [NAME …].
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { projectRoot } from '../src/root';
import { jupyterProgram, kernelPath } from '../src/setup/jupyter';

const script = path.join(projectRoot(), 'kernel', 'course.py');
const { status, error } = spawnSync(jupyterProgram('python'), [script, ...process.argv.slice(2)], {
  env: { SPANLAB_PROFILE: 'workshop', ...process.env, JUPYTER_PATH: kernelPath() },
  stdio: 'inherit',
});
if (error) process.stderr.write(`error: E_SETUP_JUPYTER: JupyterLab is not installed; run npx spanlab setup\n`);
process.exitCode = status ?? 1;
