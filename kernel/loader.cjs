// TypeScript for Node, by tsx. Packages are left as Node takes them: made into CommonJS by tsx, a module of theirs would look
// for others under wrong conditions.
const module_ = require('node:module');
const path = require('node:path');

const native = module_._extensions['.js'];
require('tsx/cjs');

const isOfPackage = (file) => file.includes(`${path.sep}node_modules${path.sep}`);
for (const extension of ['.js', '.mjs', '.cjs']) {
  const load = module_._extensions[extension] ?? native;
  module_._extensions[extension] = (module, file) => (isOfPackage(file) ? native(module, file) : load(module, file));
}
