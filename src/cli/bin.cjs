#!/usr/bin/env node
// `npx spanlab`: TypeScript straight from the sources in a clone, JavaScript in the package.
const fs = require('node:fs');
const path = require('node:path');
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`error: E_NODE: spanlab needs Node.js 20 or newer; this is ${process.version}`);
  process.exit(1);
}
const isClone = fs.existsSync(path.join(__dirname, 'main.ts'));
if (isClone) require('../sources.cjs');
if (process.env.SPANLAB_DEBUG !== '1') require('../kept-code.cjs').keepCode();
require(isClone ? './main.ts' : '../../dist/src/cli/main.js').runProcess();
