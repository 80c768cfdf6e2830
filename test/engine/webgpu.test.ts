// WebGPU through Dawn, on Chromium's software renderer: training steps give the reference's numbers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import { promisify } from 'node:util';
import type { BackendChoice } from '../../src/engine/backend';

const run = promisify(execFile);
const ENGINE = path.join(__dirname, '..', '..', 'src', 'engine', 'backend');
const options = { timeout: 120_000 };

/** Where Debian's Chromium keeps SwiftShader: Vulkan on the processor. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib64/chromium-browser', '/opt/google/chrome'];
const folder = FOLDERS.find((place) => fs.existsSync(path.join(place, 'vk_swiftshader_icd.json')));

const withRenderer = {
  LD_LIBRARY_PATH: folder,
  ...(folder && { VK_DRIVER_FILES: path.join(folder, 'vk_swiftshader_icd.json') }),
};
const withoutDriver = { LD_LIBRARY_PATH: '', VK_DRIVER_FILES: '/nowhere' };

function node(args: string[], env: Record<string, string | undefined>) {
  return run(process.execPath, ['--import', require.resolve('tsx'), ...args], { env: { ...process.env, ...env } });
}

/** What `chooseBackend` answers in a process of its own, where no native TensorFlow is. */
async function choose(wanted: string | undefined, env: Record<string, string | undefined>): Promise<string> {
  const script = `require.cache[require.resolve('@tensorflow/tfjs-node')] = { exports: {} };
    require(${JSON.stringify(ENGINE)}).chooseBackend(${JSON.stringify(wanted)}).then(
      (choice) => console.log('RESULT' + JSON.stringify(choice)),
      (error) => console.log('RESULT' + error.code + ' ' + error.message))`;
  const { stdout } = await node(['-e', script], { ...env, SPANLAB_BACKEND: '' });
  return stdout.split('RESULT')[1];
}

/** The backend that takes WebGPU's place, and why. */
async function chooseAnother(env: Record<string, string | undefined>) {
  const { name, skipped } = JSON.parse(await choose(undefined, env)) as BackendChoice;
  return { name, reason: skipped.find((other) => other.name === 'webgpu')?.reason };
}

// elsewhere the driver cannot be hidden: Metal and Direct3D are parts of the system
if (process.platform === 'linux') {
  describe('without a driver', () => {
    test('WebGPU is not available, and says why', options, async () => {
      const answer = await choose('webgpu', withoutDriver);
      assert.match(answer, /^E_BACKEND_UNAVAILABLE backend webgpu: no GPU with a Vulkan, Metal or Direct3D 12 driver/);
    });

    test('WebAssembly takes its place', options, async () => {
      const { name, reason } = await chooseAnother(withoutDriver);
      assert.equal(name, 'wasm');
      assert.match(reason!, /^no GPU with a Vulkan/);
    });
  });
}

interface Differences {
  losses: number[];
  norms: number[];
  tensors: number[];
  gradients: Record<string, number>;
  weights: Record<string, number>;
}

// machines without Chromium have no Vulkan for tests: there the tests above are all that can be seen
if (folder) {
  describe('on a software renderer', () => {
    for (const architecture of ['bert', 'distilbert']) {
      test(
        `${architecture}: loss, gradients and saved weights of AdamW steps are the reference's`,
        options,
        async () => {
          const { stdout } = await node([path.join(__dirname, 'webgpu-step.ts'), architecture], withRenderer);
          const results = JSON.parse(stdout.split('RESULT')[1]) as Record<string, Differences> & { backend: string };
          assert.equal(results.backend, 'webgpu');
          const { losses, norms, tensors, gradients, weights } = results[architecture];
          losses.forEach((loss, step) => assert.ok(loss < 1e-5, `loss of step ${step}: ${loss}`));
          norms.forEach((norm, step) => assert.ok(norm < 1e-4, `norm of step ${step}: ${norm}`));
          assert.deepEqual(tensors.slice(1), tensors.slice(1).fill(tensors[0]), 'tensors are left over');
          assert.ok(Object.keys(gradients).length > 30 && Object.keys(weights).length > 30);
          for (const [name, gradient] of Object.entries(gradients)) assert.ok(gradient < 1e-4, `${name}: ${gradient}`);
          // a decay left out would move them by 2.5e-5
          for (const [name, weight] of Object.entries(weights)) assert.ok(weight < 1e-5, `${name}: ${weight}`);
        },
      );
    }

    test('it is not chosen by itself, since WebAssembly is faster', options, async () => {
      const { name, reason } = await chooseAnother(withRenderer);
      assert.equal(name, 'wasm');
      assert.match(reason!, /^only a software renderer/);
    });
  });
}
