// The person at the front end, as cells ask them: a question goes out as an input request, and the answer comes back, at once
// for `prompt()`, which holds the cell up, or later for what reads `process.stdin`.
import { receiveMessageOnPort } from 'node:worker_threads';
import { Interrupted } from '../cells/cell';
import type { Connection } from '../wire/connection';
import type { Message } from '../wire/message';
import { countNews, pendingStops, waitForNews } from '../wire/stop';

/** Why nobody was asked. */
export class NoInput extends Error {
  override readonly name = 'NoInput';
  readonly code = 'E_NO_INPUT';
}

export class Person {
  private take?: (answer: string) => void;

  /** @param running The request of the cell that runs. */
  constructor(
    private readonly connection: Connection,
    private readonly running: () => Message | undefined,
  ) {
    connection.answers.on('message', (answer: string) => this.take?.(answer));
    connection.answers.unref();
  }

  /** Whether a cell runs that could ask. */
  get isThere(): boolean {
    return this.running() !== undefined;
  }

  /** Whether its front end can ask somebody. */
  get canAnswer(): boolean {
    return this.running()?.content.allow_stdin === true;
  }

  /**
   * The request of the cell that may ask.
   *
   * @throws NoInput when no cell runs, or when its front end cannot ask anybody.
   */
  private audience(): Message {
    const request = this.running();
    if (!request) throw new NoInput('only a cell that runs can ask; this one has ended');
    if (this.canAnswer) return request;
    throw new NoInput(
      'nobody can be asked here: this run of the notebook has no input (allow_stdin is false). ' +
        'Give the value in the cell, or open the notebook in JupyterLab',
    );
  }

  /** Asks, and calls `take` with the answer when it is there; a question that was open is forgotten. */
  ask(prompt: string, take: (answer: string) => void): void {
    const request = this.audience();
    this.forgetOldAnswers();
    this.take = (answer) => {
      this.take = undefined;
      take(answer);
    };
    this.connection.ask(request, prompt, false);
  }

  /**
   * Asks, and holds this thread up until the answer is there.
   *
   * @throws Interrupted when the stop button is pressed meanwhile.
   */
  askNow(prompt: string): string {
    const request = this.audience();
    const { answers, stopFlags } = this.connection;
    this.forgetOldAnswers();
    this.connection.ask(request, prompt, false);
    for (;;) {
      const seen = countNews(stopFlags);
      const answer = receiveMessageOnPort(answers) as { message: string } | undefined;
      if (answer) return answer.message;
      if (pendingStops(stopFlags) > 0) throw new Interrupted('the cell was stopped');
      waitForNews(stopFlags, seen);
    }
  }

  /** Answers to questions of cells that were stopped. */
  private forgetOldAnswers(): void {
    this.take = undefined;
    while (receiveMessageOnPort(this.connection.answers));
  }
}
