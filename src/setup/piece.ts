// One thing that the set-up provides.

/** A part of the set-up, and how to tell whether it is there. */
export interface Piece {
  name: string;
  /** Where it lives, for people and for its size. */
  folder: string;
  /** Whether there is nothing to do; quick, and true only of work done to its end. */
  isReady: () => boolean;
  /** Makes it, or goes on where an interrupted run stopped. @throws SetupError in one sentence */
  provide: () => Promise<void>;
}
