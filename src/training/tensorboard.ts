// TensorBoard event files, written by native TensorFlow itself; other backends have no writer.
import fs from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { type NativeBackend, nativeBackend } from '../engine/handles';

/** Takes numbers by name and step. */
export interface ScalarWriter {
  write(step: number, values: Record<string, number>): void;
  /** Writes what is buffered, and frees the file. */
  close(): void;
}

/** What the native backend has for `tf.node.summaryFileWriter`, which keeps each of its writers, and its file, for ever. */
interface SummaryBackend extends NativeBackend {
  summaryWriter(folder: string): tf.Tensor;
  createSummaryFileWriter(writer: tf.Tensor, folder: string): void;
  writeScalarSummary(writer: tf.Tensor, step: number, name: string, value: number): void;
  executeMultipleOutputs(name: string, attributes: [], inputs: tf.Tensor[], outputs: number): void;
}

/**
 * A writer of event files in `folder`; nothing when the backend in use cannot write them. `metrics.jsonl` has the same numbers, so
 * that curves are no reason to lose a run: where they cannot be written (a full disk), they are left off.
 *
 * @param onWarning Told once, when that happens.
 * @example eventWriter('runs/one/tensorboard')?.write(1, { 'train/loss': 5.9 })
 */
export function eventWriter(folder: string, onWarning?: (message: string) => void): ScalarWriter | undefined {
  let writer: ScalarWriter | undefined;
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      leaveOff(reasonOf(error as Error));
    }
  };
  const leaveOff = (reason: string) => {
    const left = writer;
    writer = undefined;
    onWarning?.(`${folder}: TensorBoard's curves are left off (${reason}); metrics.jsonl has the same numbers`);
    try {
      left?.close();
    } catch {
      // its last words have no room either
    }
  };
  if (isLink(folder)) leaveOff('it is a link, and would lead out of the folder of the run');
  else attempt(() => (writer = nativeWriter(folder)));
  return (
    writer && {
      write: (step, values) => attempt(() => writer?.write(step, values)),
      close: () => attempt(() => writer?.close()),
    }
  );
}

/** What TensorFlow says, without its numbers: `Invalid TF_Status: 8 Message: FILE; No space left on device`. */
function reasonOf({ message }: Error): string {
  return /; ([^;\n]+)$/m.exec(message.trim())?.[1] ?? message;
}

const isLink = (folder: string) => fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true;

function nativeWriter(folder: string): ScalarWriter | undefined {
  const backend = nativeBackend() as SummaryBackend | undefined;
  if (!backend) return undefined;
  const writer = tf.tidy(() => {
    const made = backend.summaryWriter(folder);
    backend.createSummaryFileWriter(made, folder);
    return tf.keep(made);
  });
  return {
    write(step, values) {
      for (const [name, value] of Object.entries(values)) backend.writeScalarSummary(writer, step, name, value);
    },
    close() {
      if (writer.isDisposed) return;
      try {
        backend.executeMultipleOutputs('CloseSummaryWriter', [], [writer], 0);
      } finally {
        writer.dispose();
      }
    },
  };
}
