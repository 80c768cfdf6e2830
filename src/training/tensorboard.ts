// TensorBoard event files, written by native TensorFlow itself; other backends have no writer.
import type * as Node from '@tensorflow/tfjs-node-gpu';
import { nativeBackend } from '../engine/backend';

/** Takes numbers by name and step. */
export interface ScalarWriter {
  write(step: number, values: Record<string, number>): void;
  flush(): void;
}

/**
 * A writer of event files in `folder`; nothing when the backend in use cannot write them.
 *
 * @example eventWriter('runs/one/tensorboard')?.write(1, { 'train/loss': 5.9 })
 */
export function eventWriter(folder: string): ScalarWriter | undefined {
  if (!nativeBackend()) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded already, by the backend
  const { node } = require('@tensorflow/tfjs-node') as typeof Node;
  const writer = node.summaryFileWriter(folder);
  return {
    write(step, values) {
      for (const [name, value] of Object.entries(values)) writer.scalar(name, value, step);
    },
    flush: () => writer.flush(),
  };
}
