// What Jupyter starts: the kernel, and the kernel's second thread. In the clone it works at the root, whatever folder the notebook is
// in; the kernel of an installed package, and one that `spanlab kernel install` installed, stays in the notebook's folder.
const fs = require('node:fs');
const module_ = require('node:module');
const path = require('node:path');
const { isMainThread, parentPort, workerData } = require('node:worker_threads');

// from Node 22 on, the compiler's 9 MB are not compiled at every start
module_.enableCompileCache?.();
require('./loader.cjs');
/** The package has JavaScript in place of the sources. */
const isInstalled = !fs.existsSync(path.join(__dirname, 'kernel.ts'));
if (isMainThread) {
  const root = path.resolve(__dirname, '..');
  const isInClone = `${process.cwd()}${path.sep}`.startsWith(root + path.sep);
  const stays = isInstalled || (process.argv.includes('--in-place') && !isInClone);
  if (!stays) process.chdir(root);
  require('./kernel').startKernel(process.argv.at(-1));
} else {
  require('./wire/thread').serve(workerData.connectionFile, parentPort, workerData.stopFlags);
}
