// What a cell prints: gathered for a moment, so that a loop of prints is not a message each, and never out of order.

type Name = 'stdout' | 'stderr';

/** The longest that text waits while more of it comes, and the most that waits. */
const WAIT_MS = 50;
const WAIT_LENGTH = 16_384;

export class Streams {
  private name: Name = 'stdout';
  private text = '';
  private since = 0;

  constructor(private readonly publish: (type: string, content: Record<string, unknown>) => void) {}

  write(name: Name, text: string): void {
    if (text === '') return;
    if (name !== this.name) this.flush();
    if (this.text === '') {
      this.since = performance.now();
      setImmediate(() => this.flush());
    }
    this.name = name;
    this.text += text;
    if (this.text.length > WAIT_LENGTH || performance.now() - this.since > WAIT_MS) this.flush();
  }

  /** Sends what waits: before any other output, and at the end of the cell. */
  flush(): void {
    if (this.text === '') return;
    const { name, text } = this;
    this.text = '';
    this.publish('stream', { name, text });
  }
}
