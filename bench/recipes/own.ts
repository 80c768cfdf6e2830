// What a hundred questions of one's own bring, and all of 970, as docs/few-examples.md recommends to train on them, by the commands
// themselves: XQuAD's English questions, of which those of the first 38 articles are one's own and those of the last ten measure.
// Each draw starts from the model of another seed (bench/recipes/tutorial.ts). What is in OUT already is not made again.
// node --import tsx bench/recipes/own.ts STARTS xquad.en.json OUT [DRAWS]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Random } from '../../src/engine/random';
import { projectRoot } from '../../src/root';
import { textTable } from '../../src/show/text-table';

interface Article {
  paragraphs: { context: string; qas: { id: string }[] }[];
}

const OWN_ARTICLES = 38;
const WINDOWS = ['--max-length', '256', '--doc-stride', '64'];
/** By the number of questions; none leaves the start as it is. */
const WAYS: Record<string, string[]> = {
  0: [],
  100: ['--epochs', '8', '--batch', '8', '--lr', '5e-5'],
  970: ['--epochs', '4', '--batch', '8', '--lr', '2e-4'],
};

const spanlab = (...args: string[]) =>
  execFileSync('npx', ['spanlab', ...args, '--json'], { cwd: projectRoot(), encoding: 'utf8', maxBuffer: 1 << 28 });

const write = (file: string, data: Article[]) => fs.writeFileSync(file, JSON.stringify({ version: '1.1', data }));

/** The articles with no more than the questions that were drawn. */
function only(articles: Article[], ids: Set<string>): Article[] {
  const drawn = ({ context, qas }: Article['paragraphs'][number]) => ({
    context,
    qas: qas.filter(({ id }) => ids.has(id)),
  });
  return articles
    .map(({ paragraphs }) => ({ paragraphs: paragraphs.map(drawn).filter(({ qas }) => qas.length > 0) }))
    .filter(({ paragraphs }) => paragraphs.length > 0);
}

function draw(articles: Article[], count: number, seed: number): Article[] {
  const ids = articles.flatMap(({ paragraphs }) => paragraphs.flatMap(({ qas }) => qas.map(({ id }) => id)));
  return only(articles, new Set(new Random(seed).shuffle(ids).slice(0, count)));
}

/** Trains one draw, unless it has none, and measures it. */
function measure(start: string, own: Article[], count: string, seed: number, test: string, folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const began = Date.now();
  let model = start;
  if (WAYS[count].length > 0) {
    const train = path.join(folder, 'train.json');
    write(train, draw(own, Number(count), seed));
    model = path.join(folder, 'run');
    spanlab(
      'train',
      '--model',
      start,
      '--train',
      train,
      '--out',
      model,
      '--seed',
      String(seed),
      ...WINDOWS,
      ...WAYS[count],
    );
  }
  const seconds = (Date.now() - began) / 1000;
  const metrics = JSON.parse(spanlab('evaluate', '--model', model, '--data', test, ...WINDOWS)) as object;
  fs.writeFileSync(path.join(folder, 'metrics.json'), JSON.stringify({ ...metrics, seconds }, null, 2));
}

function spread(values: number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(1)} ± ${Math.sqrt(square / Math.max(1, values.length - 1)).toFixed(1)}`;
}

function main([starts, data, out, draws = '5']: string[]): void {
  if (!out) throw new Error('node --import tsx bench/recipes/own.ts STARTS xquad.en.json OUT [DRAWS]');
  const { data: articles } = JSON.parse(fs.readFileSync(data, 'utf8')) as { data: Article[] };
  const own = articles.slice(0, OWN_ARTICLES);
  fs.mkdirSync(out, { recursive: true });
  const test = path.join(out, 'test.json');
  write(test, articles.slice(-10));
  const rows = Object.keys(WAYS).map((count) => {
    const all = Array.from({ length: Number(draws) }, (_, seed) => {
      const folder = path.join(out, `${count}-${seed}`);
      const file = path.join(folder, 'metrics.json');
      if (!fs.existsSync(file)) measure(path.join(starts, String(seed)), own, count, seed, test, folder);
      console.error(`${count} questions, draw ${seed}: ${fs.readFileSync(file, 'utf8').replace(/\s+/g, ' ')}`);
      return JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, number>;
    });
    const of = (name: string) => spread(all.map((metrics) => metrics[name]));
    return { 'own questions': count, exact: of('exact'), f1: of('f1'), 'training, s': of('seconds') };
  });
  console.log(textTable(rows));
}

main(process.argv.slice(2));
