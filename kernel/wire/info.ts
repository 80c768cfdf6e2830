// What the kernel says of itself.
import tslab from 'tslab/package.json';
import typescript from 'typescript/package.json';
import type { Content } from './message';
import { PROTOCOL } from './message';

/** The content of `kernel_info_reply`. */
export function kernelInfo(): Content {
  return {
    status: 'ok',
    protocol_version: PROTOCOL,
    implementation: 'spanlab-tslab',
    implementation_version: tslab.version,
    language_info: {
      name: 'typescript',
      version: typescript.version,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `TypeScript ${typescript.version} (tslab ${tslab.version}) on Node ${process.versions.node}`,
    help_links: [{ text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' }],
    debugger: false,
  };
}
