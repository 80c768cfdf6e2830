// One TensorFlow for everyone: danfojs asks for `@tensorflow/tfjs-node`, and a second copy would have no kernels.
// Where the native addon is missing, TensorFlow.js itself answers, so tables work on any machine.
const util = require('node:util');

// tfjs-node calls helpers that Node 22 warns of and Node 23 removed (tfjs pull request 8425, merged but never released).
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
util.isString = (value) => typeof value === 'string';

// said before the library is loaded: it tells of every instruction set
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

function load() {
  try {
    return require('@tensorflow/tfjs-node-gpu');
  } catch {
    return require('@tensorflow/tfjs');
  }
}

module.exports = load();
