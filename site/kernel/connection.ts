// The kernel's end of the line to the page, in the place of the sockets of Jupyter.
import type { Connection as NodeConnection, Extra } from '../../kernel/wire/connection';
import { type Content, type Message, answer } from '../../kernel/wire/message';
import type { Channel, PageMessage, ToPage } from './protocol';

type Used = Pick<NodeConnection, 'reply' | 'publish' | 'ask' | 'stopFlags'>;

export class Connection implements Used {
  constructor(
    readonly stopFlags: Int32Array,
    private readonly post: (message: ToPage) => void,
  ) {}

  reply(request: Message, content: Content, metadata: Content = {}): void {
    this.send('shell', answer(request, request.header.msg_type.replace('_request', '_reply'), content, metadata));
  }

  publish(request: Message | undefined, type: string, content: Content, { metadata, buffers = [] }: Extra = {}): void {
    this.send('iopub', { ...answer(request, type, content, metadata), buffers });
  }

  ask(request: Message, prompt: string, password: boolean): void {
    this.send('stdin', answer(request, 'input_request', { prompt, password }));
  }

  private send(channel: Channel, { header, parent, metadata, content, buffers }: Message): void {
    this.post({ message: { channel, header, parent_header: parent, metadata, content, buffers } });
  }
}

/** What the page sends, as the kernel has it. */
export function toRequest({ header, parent_header: parent, metadata, content, buffers = [] }: PageMessage): Message {
  return { identities: [], header, parent, metadata, content, buffers };
}
