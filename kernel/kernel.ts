// The notebook kernel: tslab's converter, V8's REPL mode, and Jupyter's messages.
import { StringDecoder } from 'node:string_decoder';
import { outliveSizeLimit } from '../src/size-limit';
import { installDialogs } from './asking/dialogs';
import { Person } from './asking/person';
import { installStdin } from './asking/stdin';
import { refuseExit } from './cells/exit';
import { Leavings } from './cells/leavings';
import { Session } from './cells/session';
import type { Cell } from './cells/cell';
import { Children } from './children';
import { Comms } from './comms';
import { showFiles } from './debug/files';
import { installStacks } from './failure/prepare';
import { hearUncaught } from './failure/uncaught';
import { installGlobals } from './globals';
import { installStyles } from './imports/styles';
import { Requests } from './requests';
import { Connection } from './wire/connection';
import { createStopFlags } from './wire/stop';

/** Starts the kernel, in the folder that the process is in, on the connection file that Jupyter wrote. */
export function startKernel(connectionFile: string, isJavaScript = false): void {
  outliveSizeLimit();
  installStacks();
  const stopFlags = createStopFlags();
  const connection = new Connection(connectionFile, stopFlags);
  connection.publish(undefined, 'status', { execution_state: 'starting' });
  const session = new Session(process.cwd(), stopFlags, isJavaScript, (cell) => connection.prepare(cell));
  const comms = new Comms(session, connection);
  installGlobals(session, comms);
  installStyles((html) => display.html(html));
  captureStream(session, 'stdout');
  captureStream(session, 'stderr');
  refuseExit();
  const stop = () => session.stops.stop();
  listenFor(stop);
  hearUncaught((thrown, rejected) => session.reportBackground(thrown, rejected));
  const person = new Person(connection, () => requests.running);
  const stdin = installStdin(person, (error) => session.fail(error));
  showFiles((file) => connection.prepareFile(file));
  session.untilAnswered = () => stdin.settled();
  installDialogs(person);
  const children = new Children(() => session.current, stopFlags);
  children.install();
  const leavings = new Leavings(
    () => session.current,
    () => session.surelyCurrent,
  );
  leavings.install();
  const requests = new Requests(session, connection, comms, (cell, stopped) => {
    stdin.forget();
    listenFor(stop);
    if (!stopped) return;
    leavings.end(cell);
    children.end(cell);
  });
  connection.listen(
    (request) => requests.handle(request),
    () => session.stops.hear(),
  );
}

/** Listens for the stop button as a signal; a cell may have taken all listeners away. */
function listenFor(stop: () => void): void {
  if (!process.listeners('SIGINT').includes(stop)) process.on('SIGINT', stop);
}

/** What is printed goes to the cell that prints it. */
function captureStream(session: Session, name: 'stdout' | 'stderr'): void {
  const stream = process[name];
  const decoders = new WeakMap<Cell, StringDecoder>();
  const write = stream.write.bind(stream) as typeof stream.write;
  const capture = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    const cell = session.current;
    if (!cell) return write(chunk);
    const decoder = decoders.get(cell) ?? new StringDecoder('utf8');
    decoders.set(cell, decoder);
    // bytes may end within a character, the rest of which comes with the next ones
    cell.print(name, typeof chunk === 'string' ? decoder.end() + chunk : decoder.write(Buffer.from(chunk)));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  stream.write = capture as typeof stream.write;
  // whatever terminal Jupyter was started in: a cell is none
  stream.isTTY = false;
}
