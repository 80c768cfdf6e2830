// The lesson's data loader: batches in a shuffled order that its seed fixes.
import { Random } from '../engine/random';
import type { Features } from '../tokens/features';
import { type Batch, makeBatch, rowLength } from './batch';

export interface LoaderOptions {
  batchSize: number;
  shuffle: boolean;
  seed: number;
  /** Rows of similar length share a batch, so that little is padded. */
  bucket: boolean;
  /** Pads every row to this length, as the lesson does; 0 pads to the longest of the batch. */
  padTo: number;
  /** The first `own` rows come once an epoch, those after them as `mixShare` says; absent: all come once. */
  own?: number;
  /** What fraction of an epoch's rows come from those after the own ones. */
  mixShare: number;
}
const DEFAULTS: LoaderOptions = { batchSize: 16, shuffle: false, seed: 0, bucket: true, padTo: 0, mixShare: 0.5 };

/** How many batches are sorted by length together: large enough to save padding, small enough to keep the order random. */
const BUCKET_BATCHES = 50;

/**
 * Batches of a data set, epoch by epoch.
 *
 * @example for (const batch of new DataLoader(features, { batchSize: 16, shuffle: true }).epoch(0)) { …; batch.dispose() }
 */
export class DataLoader {
  readonly options: LoaderOptions;

  constructor(
    readonly features: Features,
    options: Partial<LoaderOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Batches in an epoch. */
  get length(): number {
    return Math.ceil((this.own + this.mixed) / this.options.batchSize);
  }

  /** The rows of each batch of an epoch, in order: the same for the same seed and epoch. */
  plan(epoch: number): number[][] {
    const { batchSize, shuffle, seed, bucket } = this.options;
    const random = new Random(seed, epoch);
    const rows = [...Array.from({ length: this.own }, (_, row) => row), ...this.drawMixed(epoch)];
    if (shuffle) random.shuffle(rows);
    const ordered = bucket ? chunks(rows, batchSize * BUCKET_BATCHES).flatMap((part) => this.byLength(part)) : rows;
    const batches = chunks(ordered, batchSize);
    return shuffle ? random.shuffle(batches) : batches;
  }

  private get own(): number {
    return this.options.own ?? this.features.count;
  }

  /** How many rows of an epoch are not own ones. */
  private get mixed(): number {
    const { mixShare } = this.options;
    if (this.own === this.features.count || mixShare === 0) return 0;
    return Math.max(1, Math.round((this.own * mixShare) / (1 - mixShare)));
  }

  /** Epochs go on where the last one ended, through one random order after another: no row comes again before all have come. */
  private drawMixed(epoch: number): number[] {
    const { own, mixed } = this;
    const general = this.features.count - own;
    const places = Array.from({ length: mixed }, (_, i) => epoch * mixed + i);
    const orders = new Map<number, number[]>();
    return places.map((place) => {
      const turn = Math.floor(place / general);
      const order = orders.get(turn) ?? this.mixedOrder(general, turn);
      orders.set(turn, order);
      return own + order[place % general];
    });
  }

  /** With random numbers that no epoch uses. */
  private mixedOrder(general: number, turn: number): number[] {
    return new Random(~this.options.seed, turn).shuffle(Array.from({ length: general }, (_, row) => row));
  }

  /** The batches of an epoch from number `skip` on; the caller disposes each. */
  *epoch(epoch: number, skip = 0): Generator<Batch> {
    for (const rows of this.plan(epoch).slice(skip)) yield makeBatch(this.features, rows, this.options.padTo);
  }

  private byLength(rows: number[]): number[] {
    return rows.sort((a, b) => rowLength(this.features, a) - rowLength(this.features, b));
  }
}

function chunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
