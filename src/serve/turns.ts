// Fair turns: several works share the model, each for one batch at a time, in the order in which they ask.

/** One holder at a time; the others wait in line. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private isTaken = false;

  /** Runs `work`, which should call `pass` whenever another one may come between. */
  async share<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      this.give();
    }
  }

  /** Lets the others that wait have their turn first. */
  async pass(): Promise<void> {
    if (this.waiting.length === 0) return;
    const turn = this.take();
    this.give();
    await turn;
  }

  private take(): Promise<void> {
    if (this.isTaken) return new Promise((resolve) => this.waiting.push(resolve));
    this.isTaken = true;
    return Promise.resolve();
  }

  private give(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.isTaken = false;
  }
}
