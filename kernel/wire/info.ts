// What the kernel says of itself.
import os from 'node:os';
import tslab from 'tslab/package.json';
import typescript from 'typescript/package.json';
import { type Content, PROTOCOL } from './message';

/** Whether the cells are JavaScript. */
const IS_JAVASCRIPT = process.argv.includes('--js');

// JupyterLab and Notebook look a mode up by its name
const TYPESCRIPT = {
  name: 'typescript',
  version: typescript.version,
  mimetype: 'text/typescript',
  file_extension: '.ts',
  codemirror_mode: 'typescript',
};
const JAVASCRIPT = {
  name: 'javascript',
  version: process.versions.node,
  mimetype: 'text/javascript',
  file_extension: '.js',
  codemirror_mode: 'javascript',
};

/** The content of `kernel_info_reply`. */
export function kernelInfo(): Content {
  return {
    status: 'ok',
    protocol_version: PROTOCOL,
    implementation: 'spanlab-tslab',
    implementation_version: tslab.version,
    language_info: {
      ...(IS_JAVASCRIPT ? JAVASCRIPT : TYPESCRIPT),
      nbconvert_exporter: 'script',
    },
    banner: `TypeScript ${typescript.version} (tslab ${tslab.version}) on Node ${process.versions.node}`,
    help_links: [{ text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/intro.html' }],
    supported_features: ['debugger'],
    debugger: true,
  };
}

/** The content of `usage_reply`: what the kernel takes of its machine. */
export function usage(): Content {
  const { user, system } = process.cpuUsage();
  const seconds = (user + system) / 1e6;
  const total = os.totalmem();
  return {
    hostname: os.hostname(),
    pid: process.pid,
    kernel_cpu: (100 * seconds) / process.uptime(),
    kernel_memory: process.memoryUsage.rss(),
    cpu_count: os.cpus().length,
    host_virtual_memory: { total, free: os.freemem(), percent: 100 * (1 - os.freemem() / total) },
  };
}

/** So that who asks what is not known here does not wait for ever. */
export function unknownRequest(type: string): Content {
  const evalue = `this kernel does not answer ${type}`;
  return { status: 'error', ename: 'NotSupported', evalue, traceback: [evalue] };
}
