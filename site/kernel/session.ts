// Cells in a browser: one has ended when what it wrote is kept.
import type { Publish } from '../../kernel/cells/cell';
import { type Outcome, Session as NodeSession } from '../../kernel/cells/session';
import { toFailure } from '../../kernel/failure/failure';
import type { Store } from './store';

export class Session extends NodeSession {
  constructor(
    folder: string,
    flags: Int32Array,
    private readonly store: Store | undefined,
  ) {
    super(folder, flags);
  }

  override async run(code: string, count: number, publish: Publish): Promise<Outcome> {
    await this.store?.measure();
    const outcome = await super.run(code, count, publish);
    try {
      await this.store?.keep();
    } catch (error) {
      const failure = toFailure(error);
      publish('error', failure);
      outcome.failure ??= failure;
    }
    return outcome;
  }
}
