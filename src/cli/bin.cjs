#!/usr/bin/env node
// `npx spanlab`: TypeScript straight from the sources, with no build step.
require('tsx/cjs');
require('./main.ts');
