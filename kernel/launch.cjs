// What Jupyter starts: the kernel, from the project's root, whatever folder the notebook is in.
const path = require('node:path');

process.chdir(path.resolve(__dirname, '..'));
require('tsx/cjs');
require('./kernel.ts').startKernel(process.argv[2]);
