// `spanlab setup`: native TensorFlow and JupyterLab, provided once.
import { defineCommand } from 'citty';
import { setUp } from '../setup/set-up';
import { UsageError } from './usage';

export default defineCommand({
  args: {
    gpu: {
      type: 'boolean',
      description: 'the CUDA build of TensorFlow, or --no-gpu for the other; by default, whichever is installed',
    },
    only: { type: 'string', description: 'set up only this: tensorflow or jupyter' },
  },
  async run({ args: { gpu, only } }) {
    if (only !== undefined && only !== 'tensorflow' && only !== 'jupyter') {
      throw new UsageError(`--only is "${only}"; choose tensorflow or jupyter`);
    }
    await setUp({ gpu, only });
  },
});
