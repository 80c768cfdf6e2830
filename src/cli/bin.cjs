#!/usr/bin/env node
// `npx spanlab`: TypeScript straight from the sources in a clone, JavaScript in the package.
const fs = require('node:fs');
const module_ = require('node:module');
const path = require('node:path');
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`error: E_NODE: spanlab needs Node.js 20 or newer; this is ${process.version}`);
  process.exit(1);
}
// from Node 22 on, what was compiled once is not compiled at every start
module_.enableCompileCache?.();
if (fs.existsSync(path.join(__dirname, 'main.ts'))) {
  require('../sources.cjs');
  require('./main.ts').runProcess();
} else require('../../dist/src/cli/main.js').runProcess();
