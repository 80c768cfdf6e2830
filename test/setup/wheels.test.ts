// The table of wheels, against what TensorFlow's own wheel asks for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { findBuild, thisMachine } from '../../src/setup/wheels';

/** `Requires-Dist` of the extra `and-cuda` in METADATA of tensorflow-2.18.1-cp311-cp311-manylinux_2_17_x86_64. */
const AND_CUDA = [
  'nvidia-cublas-cu12==12.5.3.2',
  'nvidia-cuda-cupti-cu12==12.5.82',
  'nvidia-cuda-nvcc-cu12==12.5.82',
  'nvidia-cuda-nvrtc-cu12==12.5.82',
  'nvidia-cuda-runtime-cu12==12.5.82',
  'nvidia-cudnn-cu12==9.3.0.75',
  'nvidia-cufft-cu12==11.2.3.61',
  'nvidia-curand-cu12==10.3.6.82',
  'nvidia-cusolver-cu12==11.6.3.83',
  'nvidia-cusparse-cu12==12.5.1.3',
  'nvidia-nccl-cu12==2.21.5',
  'nvidia-nvjitlink-cu12==12.5.82',
];

test('the CUDA build holds TensorFlow and the libraries that its wheel names', () => {
  const requirements = findBuild('gpu', 'linux-x64')!.wheels.map((wheel) => wheel.requirement);
  assert.deepEqual(requirements, ['tensorflow==2.18.1', ...AND_CUDA]);
});

test('every wheel is pinned by a SHA-256 of its own', () => {
  const machines = ['linux-x64', 'linux-arm64', 'darwin-arm64'];
  const builds = [...machines.map((machine) => findBuild('cpu', machine)!), findBuild('gpu', 'linux-x64')!];
  const hashes = builds.flatMap((build) => build.wheels.map((wheel) => wheel.sha256));
  for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(new Set(hashes).size, 3 + 1 + AND_CUDA.length);
});

test('machines without a wheel have no build', () => {
  const machines = ['linux-x64-musl', 'win32-x64', 'darwin-x64', 'linux-arm'];
  for (const machine of machines) assert.equal(findBuild('cpu', machine), undefined);
  assert.equal(findBuild('gpu', 'linux-arm64'), undefined);
  assert.equal(findBuild('gpu', 'darwin-arm64'), undefined);
});

test('this machine is named by platform and processor', () => {
  assert.match(thisMachine(), new RegExp(`^${process.platform}-${process.arch}(-musl)?$`));
});
