// Code that ends by force skips Node's own bookkeeping of which callbacks it was in.

/**
 * Makes Node forget which callbacks it is in, as it does when nobody catches an error. To be called where code that is in them
 * ends by force: Node would end the process when it finds that they have not ended one by one.
 */
export function forgetCallbacks(): void {
  const isTaken = process.hasUncaughtExceptionCaptureCallback();
  if (!isTaken) process.setUncaughtExceptionCaptureCallback(() => undefined);
  // no Error: V8 cannot always tell the stack of code that is held up
  (process as unknown as { _fatalException(thrown: unknown): void })._fatalException('stopped');
  if (!isTaken) process.setUncaughtExceptionCaptureCallback(null);
}
