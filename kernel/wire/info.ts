// What the kernel says of itself.
import type { Content } from './message';
import { PROTOCOL } from './message';

/** The content of `kernel_info_reply`. */
export function kernelInfo(): Content {
  return {
    status: 'ok',
    protocol_version: PROTOCOL,
    implementation: 'spanlab-tslab',
    implementation_version: '1.0.22',
    language_info: {
      name: 'typescript',
      version: '5.0.4',
      mimetype: 'text/typescript',
      file_extension: '.ts',
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      nbconvert_exporter: 'script',
    },
    banner: `TypeScript 5.0.4 (tslab 1.0.22) on Node ${process.versions.node}`,
    help_links: [{ text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' }],
    debugger: false,
  };
}
