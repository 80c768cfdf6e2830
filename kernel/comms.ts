// Comms: channels on which a cell and something at the front end, a widget say, send each other messages as long as they like.
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Session } from './cells/session';
import { plainJson } from './show/json';
import type { Connection, Extra } from './wire/connection';
import type { Content, Message } from './wire/message';

type Listener = (data: Content, buffers: Uint8Array[]) => void;

/** One channel. What a listener prints or shows is of the cell that put it up. */
export class Comm {
  private readonly listeners: { message?: Listener; close?: Listener } = {};

  constructor(
    readonly id: string,
    readonly target: string,
    private readonly publish: (type: string, content: Content, extra?: Extra) => void,
    private readonly forget: () => void,
  ) {}

  send(data: Content, extra?: Extra): void {
    this.publish('comm_msg', { comm_id: this.id, data }, extra);
  }

  close(data: Content = {}): void {
    this.forget();
    this.publish('comm_close', { comm_id: this.id, data });
  }

  /** Called with every message from the front end. */
  set onMessage(listener: Listener) {
    this.listeners.message = AsyncResource.bind(listener);
  }

  /** Called when the front end closes the channel. */
  set onClose(listener: Listener) {
    this.listeners.close = AsyncResource.bind(listener);
  }

  /** Takes what the front end sends. */
  hear(event: 'message' | 'close', data: Content, buffers: Uint8Array[]): void {
    this.listeners[event]?.(data, buffers);
  }
}

export class Comms {
  private readonly open = new Map<string, Comm>();
  private readonly targets = new Map<string, (comm: Comm, data: Content) => void>();
  /** The message from the front end that is being heard: what is sent meanwhile belongs to it. */
  private heard?: Message;

  constructor(
    private readonly session: Session,
    private readonly connection: Connection,
  ) {}

  /** Opens a channel to what the front end knows under the name of `target`. */
  start(target: string, data: Content, extra?: Extra): Comm {
    const comm = this.create(randomUUID(), target);
    this.publish('comm_open', { comm_id: comm.id, target_name: target, data }, extra);
    return comm;
  }

  /** Says what is to happen when the front end opens a channel to `target`. */
  register(target: string, use: (comm: Comm, data: Content) => void): void {
    this.targets.set(target, AsyncResource.bind(use));
  }

  /** The content of `comm_info_reply`. */
  info({ target_name: target }: Content): Content {
    const wanted = [...this.open.values()].filter((comm) => !target || comm.target === target);
    return { status: 'ok', comms: Object.fromEntries(wanted.map((comm) => [comm.id, { target_name: comm.target }])) };
  }

  /** Takes `comm_open`, `comm_msg` and `comm_close`. */
  hear(message: Message): void {
    this.heard = message;
    try {
      this.dispatch(message);
    } catch (error) {
      this.session.reportBackground(error);
    } finally {
      this.heard = undefined;
    }
  }

  private dispatch({ header, content, buffers }: Message): void {
    const { comm_id: id, target_name: target, data = {} } = content as { comm_id: string; target_name?: string; data?: Content }; // prettier-ignore
    const comm = this.open.get(id);
    if (header.msg_type === 'comm_open') this.accept(id, target ?? '', data);
    else if (header.msg_type === 'comm_msg') comm?.hear('message', data, buffers);
    else {
      this.open.delete(id);
      comm?.hear('close', data, buffers);
    }
  }

  /** A channel that nobody here knows is closed, as the protocol wants it. */
  private accept(id: string, target: string, data: Content): void {
    const use = this.targets.get(target);
    if (use) use(this.create(id, target), data);
    else this.publish('comm_close', { comm_id: id, data: {} });
  }

  private create(id: string, target: string): Comm {
    const publish = (type: string, content: Content, extra?: Extra) => this.publish(type, content, extra);
    const comm = new Comm(id, target, publish, () => this.open.delete(id));
    this.open.set(id, comm);
    return comm;
  }

  private publish(type: string, given: Content, extra?: Extra): void {
    const content = plainJson(given) as Content;
    if (this.heard) this.connection.publish(this.heard, type, content, extra);
    else this.session.current?.publish(type, content, extra);
  }
}
