// The size that a shell lets files have (`ulimit -f`): a write beyond it is an error that can be told, and not the end of the process.

/**
 * Called first by every program of ours. The system sends SIGXFSZ with such a write and ends whoever does not listen; where somebody
 * does, the write itself fails with EFBIG, which is `E_DISK_FULL`.
 *
 * @example outliveSizeLimit()
 */
export function outliveSizeLimit(): void {
  process.on('SIGXFSZ', () => undefined);
}
