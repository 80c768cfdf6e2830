// What Jupyter starts: the kernel, from the project's root, whatever folder the notebook is in; and the kernel's second thread.
const module_ = require('node:module');
const path = require('node:path');
const { isMainThread, parentPort, workerData } = require('node:worker_threads');

// from Node 22 on, the compiler's 9 MB are not compiled at every start
module_.enableCompileCache?.();
require('./loader.cjs');
if (isMainThread) {
  process.chdir(path.resolve(__dirname, '..'));
  require('./kernel.ts').startKernel(process.argv[2]);
} else {
  require('./wire/thread.ts').serve(workerData.connectionFile, parentPort, workerData.stopFlags);
}
