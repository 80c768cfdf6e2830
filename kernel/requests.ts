// What front ends ask on the shell channel: cells wait for each other, questions are answered at once.
import { setTimeout } from 'node:timers';
import type { Cell, Publish } from './cells/cell';
import type { Session } from './cells/session';
import { adviseCommand } from './commands';
import type { Comms } from './comms';
import { type Failure, toFailure } from './failure/failure';
import { CellSources } from './help/cell-sources';
import { complete } from './help/completion';
import { inspect } from './help/inspection';
import { isComplete } from './help/is-complete';
import { CellLanguage } from './help/language';
import { History } from './history';
import type { Connection } from './wire/connection';
import { kernelInfo, unknownRequest } from './wire/info';
import type { Content, Message } from './wire/message';

/** How long the requests that a front end sent behind a failing cell may be on their way: they are not to run. */
const ON_THE_WAY_MS = 20;

export class Requests {
  private readonly queue: Message[] = [];
  private readonly history = new History();
  private readonly sources = new CellSources();
  private readonly language = new CellLanguage(() => this.session.converter.notebook);
  /** The request of the cell that runs. */
  running?: Message;
  private count = 0;

  constructor(
    private readonly session: Session,
    private readonly connection: Connection,
    private readonly comms: Comms,
    private readonly cellEnds: (cell: Cell, stopped: boolean) => void,
  ) {}

  handle(request: Message): void {
    const goOn = this.session.stoppable.suspend();
    if (request.header.msg_type === 'execute_request') {
      this.queue.push(request);
      // at its end what cells have left may be ended again
      if (!this.running) return void this.work();
    } else this.answerAtOnce(request);
    goOn();
  }

  private answerAtOnce(request: Message): void {
    this.status(request, 'busy');
    const content = this.answerOrFailure(request);
    if (content) this.connection.reply(request, content);
    this.status(request, 'idle');
    // front ends show the last state they hear
    if (this.running) this.status(this.running, 'busy');
  }

  private async work(): Promise<void> {
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.running = request;
      this.status(request, 'busy');
      await this.execute(request).catch((error: unknown) => this.connection.reply(request, failed(toFailure(error))));
      this.status(request, 'idle');
      this.running = undefined;
    }
    this.session.stoppable.rest();
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
    const publish: Publish = (type, content, extra) => {
      if (silent !== true) this.connection.publish(request, type, advised(type, content), extra);
    };
    const advised = (type: string, content: Content) => (type === 'error' ? withAdvice(content, code) : content);
    this.session.stops.forget();
    publish('execute_input', { code, execution_count: count });
    const { cell, failure, stopped } = await this.session.run(code, count, publish);
    if (failure?.ename !== 'TypeScriptError') this.sources.add(code);
    this.cellEnds(cell, stopped);
    const output = cell.result?.['text/plain'];
    if (isKept) this.history.add(count, code, typeof output === 'string' ? output : null);
    if (stopped || (failure && request.content.stop_on_error !== false)) await this.abortQueue();
    const reply = failure
      ? { status: 'error', execution_count: count, ...withAdvice(failure, code) }
      : { status: 'ok', execution_count: count, payload: [], user_expressions: await this.evaluate(request, count) };
    this.connection.reply(request, reply, { started });
  }

  /** Answers everything that came before the front end could know of the failure. */
  private async abortQueue(): Promise<void> {
    this.session.stoppable.rest();
    await new Promise((resolve) => setTimeout(resolve, ON_THE_WAY_MS));
    this.session.stoppable.suspend();
    for (const request of this.queue.splice(0)) {
      this.status(request, 'busy');
      // no number: it has not run
      this.connection.reply(request, { status: 'aborted' });
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

  /** Whatever fails, a front end that asks waits for an answer. */
  private answerOrFailure(request: Message): Content | undefined {
    try {
      return this.answer(request);
    } catch (error) {
      return failed(toFailure(error));
    }
  }

  private answer(request: Message): Content | undefined {
    const { header, content } = request;
    const { code, cursor_pos: cursor } = content as { code: string; cursor_pos: number };
    switch (header.msg_type) {
      case 'kernel_info_request':
        return kernelInfo();
      case 'complete_request':
        return complete(this.language, code, cursor);
      case 'inspect_request':
        return inspect(this.language, this.sources, code, cursor, Number(content.detail_level ?? 0));
      case 'is_complete_request':
        return isComplete(code);
      case 'history_request':
        return this.history.answer(content);
      case 'comm_info_request':
        return this.comms.info(content);
      case 'comm_open':
      case 'comm_msg':
      case 'comm_close':
        this.session.listen(() => this.comms.hear(request));
        return undefined;
      default:
        return header.msg_type.endsWith('_request') ? unknownRequest(header.msg_type) : undefined;
    }
  }

  private status(request: Message, state: 'busy' | 'idle'): void {
    this.connection.publish(request, 'status', { execution_state: state });
  }
}

function failed({ ename, evalue, traceback }: Failure): Content {
  return { status: 'error', ename, evalue, traceback };
}

/** A cell that does not compile because it is no TypeScript but a command of IPython. */
function withAdvice(failure: Content, code: string): Content {
  const advice = failure.ename === 'TypeScriptError' ? adviseCommand(code) : undefined;
  return advice ? { ename: 'NotTypeScript', evalue: advice, traceback: [`NotTypeScript: ${advice}`] } : failure;
}
