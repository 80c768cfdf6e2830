// What front ends ask on the shell channel: cells wait for each other, questions are answered at once.
import type { Session } from './cells/session';
import type { Failure } from './failure/failure';
import { History } from './history';
import { complete, inspect, isComplete } from './questions';
import type { Connection } from './wire/connection';
import { kernelInfo } from './wire/info';
import type { Content, Message } from './wire/message';

/** How long the requests that a front end sent behind a failing cell may be on their way: they are not to run. */
const ON_THE_WAY_MS = 20;

export class Requests {
  private readonly queue: Message[] = [];
  private readonly history = new History();
  private running?: Message;
  private count = 0;

  constructor(
    private readonly session: Session,
    private readonly connection: Connection,
  ) {}

  handle(request: Message): void {
    if (request.header.msg_type === 'execute_request') {
      this.queue.push(request);
      if (!this.running) void this.work();
      return;
    }
    this.status(request, 'busy');
    const content = this.answer(request);
    if (content) this.connection.reply(request, content);
    this.status(request, 'idle');
    // front ends show the last state they hear
    if (this.running) this.status(this.running, 'busy');
  }

  private async work(): Promise<void> {
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.running = request;
      this.status(request, 'busy');
      await this.execute(request);
      this.status(request, 'idle');
      this.running = undefined;
    }
  }

  private async execute(request: Message): Promise<void> {
    const started = new Date().toISOString();
    const {
      code,
      silent,
      store_history: store,
    } = request.content as { code: string; silent?: boolean; store_history?: boolean };
    const isKept = silent !== true && store !== false;
    const count = isKept ? ++this.count : this.count;
    const publish = (type: string, content: Content) => {
      if (silent !== true) this.connection.publish(request, type, content);
    };
    publish('execute_input', { code, execution_count: count });
    const { cell, failure, stopped } = await this.session.run(code, count, publish);
    const output = cell.result?.['text/plain'];
    if (isKept) this.history.add(count, code, typeof output === 'string' ? output : null);
    if (stopped || (failure && request.content.stop_on_error !== false)) await this.abortQueue();
    const reply = failure
      ? { status: 'error', execution_count: count, ...failure }
      : { status: 'ok', execution_count: count, payload: [], user_expressions: await this.evaluate(request, count) };
    this.connection.reply(request, reply, { started });
  }

  /** Answers everything that came before the front end could know of the failure. */
  private async abortQueue(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ON_THE_WAY_MS));
    for (const request of this.queue.splice(0)) {
      this.status(request, 'busy');
      this.connection.reply(request, { status: 'aborted', execution_count: this.count });
      this.status(request, 'idle');
    }
  }

  private async evaluate(request: Message, count: number): Promise<Content> {
    const results: Content = {};
    const expressions = (request.content.user_expressions ?? {}) as Record<string, string>;
    for (const [name, expression] of Object.entries(expressions)) {
      const { cell, failure } = await this.session.run(expression, count, () => undefined);
      results[name] = failure ? failed(failure) : { status: 'ok', data: cell.result ?? {}, metadata: {} };
    }
    return results;
  }

  private answer({ header, content }: Message): Content | undefined {
    const { code, cursor_pos: cursor } = content as { code: string; cursor_pos: number };
    switch (header.msg_type) {
      case 'kernel_info_request':
        return kernelInfo();
      case 'complete_request':
        return complete(this.session.converter, code, cursor);
      case 'inspect_request':
        return inspect(this.session.converter, code, cursor);
      case 'is_complete_request':
        return isComplete(code);
      case 'history_request':
        return this.history.answer(content);
      case 'comm_info_request':
        return { status: 'ok', comms: {} };
      default:
        return undefined;
    }
  }

  private status(request: Message, state: 'busy' | 'idle'): void {
    this.connection.publish(request, 'status', { execution_state: state });
  }
}

function failed({ ename, evalue, traceback }: Failure): Content {
  return { status: 'error', ename, evalue, traceback };
}
