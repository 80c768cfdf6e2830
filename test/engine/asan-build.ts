// Compiles the kernels with the sanitizers into the file that the argument names.
import { compileKernels } from '../../src/setup/kernels';

const SANITIZERS = [
  '-fsanitize=address,undefined',
  '-fno-omit-frame-pointer',
  '-fno-sanitize-recover=undefined',
  '-g',
  '-O1',
];

void compileKernels(process.env.CXX ?? 'g++', process.argv[2], SANITIZERS);
