// The connections of a server that ends: none is cut while a request may be on its way, for its client would hear of a reset only.
import type http from 'node:http';
import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a connection that was used may be silent before it counts as idle, in milliseconds; and one that was not used yet. */
const SILENCE = { used: 250, fresh: 1_000 };
/** Between two looks for idle connections, in milliseconds. */
const INTERVAL = 100;
/** For connections that the system made before the server ended, in milliseconds: a flood of them does not go on for ever. */
const ACCEPTING = 1_000;

interface Connection {
  /** Requests without an answer. */
  open: number;
  /** Bytes that had come when the last request was answered: more of them are the next one's. */
  heard: number;
  isFresh: boolean;
  /** When it last became idle, by `performance.now`. */
  since: number;
}

/** Watches a server's connections from its start. */
export class Connections {
  private readonly all = new Map<net.Socket, Connection>();

  constructor(private readonly server: http.Server) {
    server.on('connection', (socket: net.Socket) => {
      this.all.set(socket, { open: 0, heard: 0, isFresh: true, since: performance.now() });
      socket.once('close', () => this.all.delete(socket));
    });
    server.on('request', ({ socket }: http.IncomingMessage, response: http.ServerResponse) => {
      const connection = this.all.get(socket);
      if (!connection) return;
      connection.open++;
      response.once('close', () => {
        connection.open--;
        connection.heard = socket.bytesRead;
        connection.isFresh = false;
        connection.since = performance.now();
      });
    });
  }

  /** Takes no new connections, and ends when all that there are have ended; idle ones are closed. */
  async close(): Promise<void> {
    await this.acceptWaiting();
    // the server of HTTP would cut connections whose request is just arriving; that of sockets only takes no new ones
    const closed = new Promise<void>((resolve) => void net.Server.prototype.close.call(this.server, () => resolve()));
    const timer = setInterval(() => void this.closeIdle(), INTERVAL);
    await closed;
    clearInterval(timer);
  }

  /** Connections that the system has made and the server has not taken yet would be reset: they are taken, until none comes. */
  private async acceptWaiting(): Promise<void> {
    let quietTurns = 0;
    const onConnection = () => (quietTurns = 0);
    this.server.on('connection', onConnection);
    const until = performance.now() + ACCEPTING;
    // the first turn may begin after the place in the event loop where connections are taken
    while (quietTurns++ < 2 && performance.now() < until) await nextTurn();
    this.server.off('connection', onConnection);
  }

  private async closeIdle(): Promise<void> {
    // what has come in the meantime is read first
    await nextTurn();
    await nextTurn();
    const now = performance.now();
    for (const [socket, { open, heard, isFresh, since }] of this.all) {
      const isIdle = open === 0 && socket.bytesRead === heard;
      if (isIdle && now - since > (isFresh ? SILENCE.fresh : SILENCE.used)) socket.destroySoon();
    }
  }
}
