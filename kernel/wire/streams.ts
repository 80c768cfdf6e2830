// What cells print, gathered for a moment, so that a loop of prints is not a message each. It happens in the thread that a
// busy cell cannot hold up: what was printed before a long computation is seen during it.
import type { Message } from './message';

/** The longest that text waits while more of it comes, and the most that waits. */
const WAIT_MS = 20;
const WAIT_LENGTH = 16_384;

export class StreamGatherer {
  private waiting?: Message;
  private texts: string[] = [];
  private length = 0;

  constructor(private readonly send: (message: Message) => void) {}

  /** Takes a `stream` message; text of the same cell and stream becomes one message. */
  take(message: Message): void {
    if (this.waiting && !isSame(this.waiting, message)) this.flush();
    if (!this.waiting) setTimeout(() => this.flush(), WAIT_MS);
    this.waiting ??= message;
    const text = message.content.text as string;
    this.texts.push(text);
    this.length += text.length;
    if (this.length > WAIT_LENGTH) this.flush();
  }

  /** Sends what waits: before any other message. */
  flush(): void {
    if (!this.waiting) return;
    const message = this.waiting;
    message.content = { name: message.content.name, text: this.texts.join('') };
    this.waiting = undefined;
    this.texts = [];
    this.length = 0;
    this.send(message);
  }
}

function isSame(one: Message, other: Message): boolean {
  return one.parent.msg_id === other.parent.msg_id && one.content.name === other.content.name;
}
