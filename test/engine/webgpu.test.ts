// WebGPU through Dawn, on Chromium's software renderer: a training step gives the reference's numbers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
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

/** What `chooseBackend` answers in a process of its own. */
async function choose(wanted: string, env: Record<string, string | undefined>): Promise<string> {
  const script = `require(process.argv[1]).chooseBackend(${wanted}).then(
    (choice) => { console.log('RESULT' + JSON.stringify(choice)); process.exit(0) },
    (error) => { console.log('RESULT' + error.code + ' ' + error.message); process.exit(0) })`;
  const engine = path.join(__dirname, '..', '..', 'src', 'engine', 'backend');
  const { stdout } = await node(['-e', script, engine], env);
  return stdout.split('RESULT')[1];
}

test('without a driver WebGPU is not available, and says why', options, async () => {
  const answer = await choose("'webgpu'", withoutDriver);
  assert.match(answer, /^E_BACKEND_UNAVAILABLE backend webgpu: no GPU with a Vulkan, Metal or Direct3D 12 driver/);
});

// machines without Chromium have no Vulkan for tests: there the test above is all that can be seen
if (folder) {
  describe('on a software renderer', () => {
    test('loss, gradients and weights after an AdamW step are those of the reference', options, async () => {
      const { stdout } = await node([path.join(__dirname, 'webgpu-step.ts')], withRenderer);
      const results = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Record<string, Record<string, number>>;
      assert.deepEqual(Object.keys(results), ['bert', 'distilbert']);
      for (const [architecture, { loss, norm, gradients, weights }] of Object.entries(results)) {
        assert.ok(loss < 1e-5, `${architecture}: loss ${loss}`);
        assert.ok(norm < 1e-4, `${architecture}: norm ${norm}`);
        assert.ok(gradients < 1e-4, `${architecture}: gradients ${gradients}`);
        assert.ok(weights < 1e-4, `${architecture}: weights ${weights}`);
      }
    });

    test('it is not chosen by itself, since WebAssembly is faster', options, async () => {
      // the native library is kept out by a name that its loader does not find
      const choice = JSON.parse(await choose('undefined', { ...withRenderer, SPANLAB_BACKEND: '' })) as {
        name: string;
        skipped: { name: string; reason: string }[];
      };
      assert.notEqual(choice.name, 'webgpu');
      const reason = choice.skipped.find(({ name }) => name === 'webgpu')?.reason;
      if (choice.name !== 'tensorflow' && choice.name !== 'tensorflow-gpu') assert.match(reason!, /software renderer/);
    });
  });
}
