// Makes a system call of `spanlab doctor` fail as nobody expects.
const os = require('node:os');

os.availableParallelism = () => {
  throw new Error('a defect');
};
