// node:os in a browser.

const threads = navigator.hardwareConcurrency || 1;
/** In GiB, rounded, and never said to be more than 8. */
const { deviceMemory = 4 } = navigator as { deviceMemory?: number };

export const EOL = '\n';
export const availableParallelism = (): number => threads;
export const cpus = (): { model: string; speed: number }[] => new Array(threads).fill({ model: 'browser', speed: 0 });
export const totalmem = (): number => deviceMemory * 1024 ** 3;
export const freemem = (): number => totalmem();
export const loadavg = (): number[] => [0, 0, 0];
export const uptime = (): number => performance.now() / 1000;
export const tmpdir = (): string => '/tmp';
export const homedir = (): string => '/home';
export const hostname = (): string => 'browser';
export const platform = (): string => 'browser';
export const arch = (): string => 'wasm32';
export const type = (): string => 'Browser';
export const release = (): string => navigator.userAgent;
export const endianness = (): string => 'LE';
export const userInfo = (): { username: string } => ({ username: 'browser' });
export const constants = { signals: {} };
const os = { EOL, availableParallelism, cpus, totalmem, freemem, loadavg, uptime, tmpdir, homedir, hostname };
export default { ...os, platform, arch, type, release, endianness, userInfo, constants };
