// What 1,000 cells cost: completion and inspection at the first cell and at later ones, and memory. node
// --no-force-async-hooks-checks --expose-gc -r ./kernel/loader.cjs bench/kernel-growth.ts. CPU time, the median of 15.
import { Session } from '../kernel/cells/session';
import { CellSources } from '../kernel/help/cell-sources';
import { complete } from '../kernel/help/completion';
import { inspect } from '../kernel/help/inspection';
import { CellLanguage } from '../kernel/help/language';
import { createStopFlags } from '../kernel/wire/stop';

const CELLS = 1000;
const LOOKS = [1, 200, 500, CELLS];
const ROUNDS = 15;
const MB = 1e6;

async function main(): Promise<void> {
  const session = new Session(process.cwd(), createStopFlags());
  const language = new CellLanguage(() => session.converter.notebook);
  const sources = new CellSources();
  console.log('| cells | completion, ms | inspection, ms | heap, MB | resident, MB |\n| --- | --- | --- | --- | --- |');
  for (let count = 1; count <= CELLS; count++) {
    // every fourth declares a new name, the others declare one anew
    const name = count % 4 === 0 ? `value${count}` : `value${count % 4}`;
    const code = `const ${name} = Array.from({ length: 100 }, (_, i) => i * ${count}); ${name}.length`;
    const { failure } = await session.run(code, count, () => undefined);
    if (failure) throw new Error(failure.traceback.join('\n'));
    sources.add(code);
    if (!LOOKS.includes(count)) continue;
    const completion = median(() => complete(language, 'value1.ma', 9));
    const inspection = median(() => inspect(language, sources, 'value1.map', 8, 0));
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    const figures = [completion, inspection, heapUsed / MB, rss / MB].map((figure) => figure.toFixed(1));
    console.log(`| ${count} | ${figures.join(' | ')} |`);
  }
  process.exit(0);
}

function median(ask: () => unknown): number {
  ask();
  const times = Array.from({ length: ROUNDS }, () => {
    const began = process.cpuUsage();
    ask();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return times.sort((one, other) => one - other)[ROUNDS >> 1];
}

void main();
