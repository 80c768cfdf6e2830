// The notebook kernel: tslab's converter, V8's REPL mode, and Jupyter's messages.
import { Session } from './cells/session';
import { installGlobals } from './globals';
import { Requests } from './requests';
import { Connection } from './wire/connection';
import { createStopFlags } from './wire/stop';

/** Starts the kernel, in the project's root, on the connection file that Jupyter wrote. */
export function startKernel(connectionFile: string): void {
  const stopFlags = createStopFlags();
  const connection = new Connection(connectionFile, stopFlags);
  connection.publish(undefined, 'status', { execution_state: 'starting' });
  const session = new Session(process.cwd(), stopFlags);
  installGlobals(session);
  captureStream(session, 'stdout');
  captureStream(session, 'stderr');
  process.on('SIGINT', () => session.stop());
  process.on('unhandledRejection', (reason) => session.reportBackground(reason));
  process.on('uncaughtException', (error) => session.reportBackground(error));
  const requests = new Requests(session, connection);
  connection.listen(
    (request) => requests.handle(request),
    () => session.hearStop(),
  );
}

/** What is printed goes to the cell that prints it. */
function captureStream(session: Session, name: 'stdout' | 'stderr'): void {
  const stream = process[name];
  const write = stream.write.bind(stream) as typeof stream.write;
  const capture = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    const cell = session.current;
    if (!cell) return write(chunk);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    cell.print(name, text);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  stream.write = capture as typeof stream.write;
}
