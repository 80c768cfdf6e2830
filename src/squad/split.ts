// Data in two parts, to train on and to measure with: no text is on both sides.
import { Random } from '../engine/random';
import type { SquadRecord } from './record';

/**
 * Two parts of the data that share no article, and no text where articles share one; texts without a title are articles of their
 * own. Articles are drawn until about `share` of the questions is in the second part, which is empty where there is one article.
 *
 * @example const [train, dev] = splitByArticle(records, 0.1, 0)
 */
export function splitByArticle(records: SquadRecord[], share: number, seed: number): [SquadRecord[], SquadRecord[]] {
  const groups = groupsOf(records);
  const drawn = draw(sizesOf(groups), share * records.length, seed);
  return [records.filter((_, i) => !drawn.has(groups[i])), records.filter((_, i) => drawn.has(groups[i]))];
}

/**
 * The data in `count` parts of about equal size that share no article and no text, each paired with all the others: to measure on
 * each part what was trained on the others. Fewer parts where there are fewer articles.
 *
 * @example foldsByArticle(records, 5, 0)[0] // [the other four parts, the first part]
 */
export function foldsByArticle(
  records: SquadRecord[],
  count: number,
  seed: number,
): [train: SquadRecord[], heldOut: SquadRecord[]][] {
  const groups = groupsOf(records);
  const sizes = [...sizesOf(groups)];
  const filled = Array.from({ length: Math.min(count, sizes.length) }, () => 0);
  const partOf = new Map<string, number>();
  for (const [group, size] of new Random(seed).shuffle(sizes)) {
    const smallest = filled.indexOf(Math.min(...filled));
    partOf.set(group, smallest);
    filled[smallest] += size;
  }
  const parts = groups.map((group) => partOf.get(group));
  return filled.map((_, part) => [
    records.filter((_, i) => parts[i] !== part),
    records.filter((_, i) => parts[i] === part),
  ]);
}

/** How many questions each group has. */
function sizesOf(groups: string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return sizes;
}

/** Groups by chance until there are `wanted` questions, without those by which there would be more too many than were too few. */
function draw(sizes: Map<string, number>, wanted: number, seed: number): Set<string> {
  const drawn = new Set<string>();
  let missing = wanted;
  for (const group of new Random(seed).shuffle([...sizes.keys()])) {
    const size = sizes.get(group)!;
    if (missing <= 0 || drawn.size === sizes.size - 1) break;
    if (size - missing > missing) continue;
    drawn.add(group);
    missing -= size;
  }
  const [smallest] = [...sizes.keys()].sort((a, b) => sizes.get(a)! - sizes.get(b)!);
  if (drawn.size === 0 && wanted > 0 && sizes.size > 1) drawn.add(smallest);
  return drawn;
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
  const titleOf = ({ title, context }: SquadRecord) => title || `without a title: ${context}`;
  for (const record of records) {
    const { context } = record;
    const title = titleOf(record);
    const [head, other] = [headOf(firstTitle.get(context) ?? title), headOf(title)];
    if (head !== other) joined.set(other, head);
    firstTitle.set(context, head);
  }
  return records.map((record) => headOf(titleOf(record)));
}
