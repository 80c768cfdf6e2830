// Data in two parts, to train on and to measure with: no text is on both sides.
import { Random } from '../engine/random';
import type { SquadRecord } from './record';

/**
 * Two parts of the data that share no article, and no text where articles share one. Articles are drawn until `share` of the
 * questions is in the second part.
 *
 * @example const [train, dev] = splitByArticle(records, 0.1, 0)
 */
export function splitByArticle(records: SquadRecord[], share: number, seed: number): [SquadRecord[], SquadRecord[]] {
  const groups = groupsOf(records);
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const drawn = new Set<string>();
  let count = 0;
  for (const group of new Random(seed).shuffle([...sizes.keys()]).slice(0, -1)) {
    if (count >= share * records.length) break;
    drawn.add(group);
    count += sizes.get(group)!;
  }
  return [records.filter((_, i) => !drawn.has(groups[i])), records.filter((_, i) => drawn.has(groups[i]))];
}

/** For each record the title that stands for its group: articles with a text in common are one. */
function groupsOf(records: SquadRecord[]): string[] {
  const joined = new Map<string, string>();
  const headOf = (title: string): string => {
    let head = title;
    for (let next = joined.get(head); next !== undefined; next = joined.get(head)) head = next;
    return head;
  };
  const firstTitle = new Map<string, string>();
  for (const { title, context } of records) {
    const [head, other] = [headOf(firstTitle.get(context) ?? title), headOf(title)];
    if (head !== other) joined.set(other, head);
    firstTitle.set(context, head);
  }
  return records.map(({ title }) => headOf(title));
}
