// Native TensorFlow for `@tensorflow/tfjs-node-gpu`: the library out of the Python wheel, the addon compiled against it.
import { cacheFolder } from '../root';
import { addonVersion, compileAddon, findCompiler, isLinked, linkAddon } from './addon';
import { SetupError } from './errors';
import { fetchWheel } from './fetch-wheel';
import { isComplete, markComplete, markIncomplete, withScratch } from './folder';
import type { Piece } from './piece';
import { answers } from '../shell';
import { type Build, type Flavour, findBuild, TENSORFLOW_VERSION, thisMachine } from './wheels';
import { makeFolder } from '../make-folder';

export function tensorflowFolder(flavour: Flavour): string {
  return cacheFolder(`tensorflow-${TENSORFLOW_VERSION}-${flavour}`);
}

/**
 * The native library of one flavour, and the link by which `@tensorflow/tfjs-node-gpu` finds it. Its `provide` throws
 * SetupError `E_SETUP_TENSORFLOW`.
 */
export function tensorflow(flavour: Flavour): Piece {
  const folder = tensorflowFolder(flavour);
  const build = findBuild(flavour);
  const key = [...(build?.wheels ?? []).map((wheel) => wheel.sha256), addonVersion()].join(' ');
  const isReady = () => isComplete(folder, key) && isLinked(folder);
  const provide = async () => {
    if (!isComplete(folder, key)) await make(folder, checkMachine(build), key);
    linkAddon(folder);
  };
  return { name: `native TensorFlow ${TENSORFLOW_VERSION} (${flavour})`, folder, isReady, provide };
}

interface Tools {
  build: Build;
  compiler: string;
}

function checkMachine(build: Build | undefined): Tools {
  // nothing that a person could install would help
  if (!build) throw new SetupError('E_SETUP_TENSORFLOW', `there is no native TensorFlow for ${thisMachine()}`);
  const compiler = findCompiler();
  const missing = [
    ...(answers('python3', ['-m', 'pip', '--version']) ? [] : ['Python 3 with pip']),
    ...(compiler ? [] : ['a C++ compiler such as g++']),
  ];
  if (compiler && missing.length === 0) return { build, compiler };
  throw new SetupError('E_SETUP_TENSORFLOW', `native TensorFlow needs ${missing.join(' and ')}`);
}

async function make(folder: string, { build, compiler }: Tools, key: string): Promise<void> {
  try {
    makeFolder(folder);
    markIncomplete(folder);
    await withScratch(folder, async (scratch) => {
      for (const wheel of build.wheels) await fetchWheel(folder, wheel, build.platform, scratch);
      await compileAddon(folder, compiler, scratch);
    });
    markComplete(folder, key);
  } catch (error) {
    throw new SetupError('E_SETUP_TENSORFLOW', `native TensorFlow could not be set up: ${(error as Error).message}`);
  }
}
