// What cells import: files and packages as seen from the notebook's folder, and what the kernel itself brings along.
import { createRequire } from 'node:module';
import path from 'node:path';
import { Files } from './files';
import { Importer } from './importer';
import { findKernelPackages } from './fallback';

export class Imports extends Importer {
  constructor(folder: string) {
    findKernelPackages();
    const files = new Files(folder);
    files.install();
    // no such file: what counts is where it would be
    const filename = path.join(folder, '__cell__.ts');
    super(filename, createRequire(filename), files);
  }
}
