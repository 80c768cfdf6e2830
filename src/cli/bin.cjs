#!/usr/bin/env node
// `npx spanlab`: TypeScript straight from the sources, with no build step.
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`error: E_NODE: spanlab needs Node.js 20 or newer; this is ${process.version}`);
  process.exit(1);
}
require('tsx/cjs');
require('./main.ts').runProcess();
