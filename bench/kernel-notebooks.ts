// How long the cells of a course's notebooks take here, and in tslab as it comes: node --import tsx bench/kernel-notebooks.ts.
// The time from a cell's request to its end, summed over a notebook; two kernels for each notebook, in turns, the median of the
// rounds after the first.
import { Client } from '../test/kernel/client';
import { courseFolder, NOTEBOOKS } from '../test/kernel/course-notebooks';

const ROUNDS = 16;

/** What a person does in them after the first run: the same with larger inputs. */
const WITH_LARGER: Record<string, string[]> = {
  ...NOTEBOOKS,
  'queens, 9': [...NOTEBOOKS.queens.slice(0, 1), 'queens(9)'],
  'sets, 15': [...NOTEBOOKS.sets.slice(0, 2), 'power(Array.from({ length: 15 }, (_, i) => i)).length'],
};

async function milliseconds(kernel: Client, cells: string[]): Promise<number> {
  const begin = performance.now();
  for (const cell of cells) {
    const { errors } = await kernel.run(cell);
    if (errors.length > 0) throw new Error(`${cell}: ${errors[0].evalue}`);
  }
  return performance.now() - begin;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function row(name: string, cells: string[], folder: string): Promise<string> {
  const ours = await Client.start({ folder });
  const stock = await Client.start({ folder, isStock: true });
  const [here, there]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    here.push(await milliseconds(ours, cells));
    there.push(await milliseconds(stock, cells));
  }
  await ours.stop();
  stock.process.kill('SIGKILL');
  stock.close();
  const [mine, theirs] = [here, there].map((values) => median(values.slice(1)));
  return `| ${name} | ${theirs.toFixed(0)} | ${mine.toFixed(0)} | ${(mine / theirs).toFixed(2)} |`;
}

async function main(): Promise<void> {
  const folder = courseFolder();
  console.log('| notebook | tslab, ms | here, ms | ratio |\n| --- | --- | --- | --- |');
  for (const [name, cells] of Object.entries(WITH_LARGER)) console.log(await row(name, cells, folder));
}

void main();
