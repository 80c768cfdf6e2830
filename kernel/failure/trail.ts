// Which awaits of cells an error came through: V8 loses the frames that wait behind a promise.

interface Step {
  serial: number;
  line: number;
  column: number;
}

const trails = new WeakMap<object, Step[]>();

/** Notes that `thrown` came out of an await. */
export function noteAwait(thrown: unknown, place: string): void {
  if (typeof thrown !== 'object' || thrown === null) return;
  const [serial, line, column] = place.split(':').map(Number);
  const trail = trails.get(thrown);
  if (trail) trail.push({ serial, line, column });
  else trails.set(thrown, [{ serial, line, column }]);
}

export function trailOf(thrown: unknown): Step[] {
  return typeof thrown === 'object' && thrown !== null ? (trails.get(thrown) ?? []) : [];
}
