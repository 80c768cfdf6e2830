// How values are shown: in several forms, plain text always among them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { registerDisplay, toBundle } from '../../kernel/show/bundle';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 30_000 };

/** The forms of a value, as they are sent. */
const bundle = async (value: unknown) => (await toBundle(value)) as Record<string, string>;

test('plain values are text', async () => {
  assert.deepEqual(await bundle(7), { 'text/plain': '7' });
  assert.deepEqual(await bundle('a\nb'), { 'text/plain': 'a\nb' });
  assert.deepEqual(await bundle({ a: [1, 2] }), { 'text/plain': '{ a: [ 1, 2 ] }' });
  assert.deepEqual(await bundle(null), { 'text/plain': 'null' });
});

test('a value says how it is shown by Symbol.for("Jupyter.display"), at once or later', async () => {
  const own = (forms: unknown) => ({ [Symbol.for('Jupyter.display')]: () => forms });
  assert.deepEqual(await bundle(own({ 'text/html': '<b>1</b>', 'text/plain': '1' })), {
    'text/html': '<b>1</b>',
    'text/plain': '1',
  });
  assert.equal((await bundle(own(Promise.resolve({ 'text/plain': 'later' }))))['text/plain'], 'later');
  assert.ok('text/plain' in (await bundle(own({ 'text/html': '<i>no text</i>' }))));
});

test('a forgotten await says so', async () => {
  assert.deepEqual(await bundle(Promise.resolve(7)), {
    'text/plain': 'Promise: write await before it to see its value',
  });
  // in a cell it is the promise itself, too, and no cell waits for it
  await kernel.run('const later = new Promise(() => undefined)');
  assert.match(JSON.stringify(await kernel.run('later')), /Promise: write await before it/);
});

test('types that are not ours are registered', async () => {
  registerDisplay(
    (value): value is URL => value instanceof URL,
    (url) => ({ 'text/html': `<a href="${url.href}">link</a>`, 'text/plain': url.href }),
  );
  assert.equal((await bundle(new URL('https://example.org/')))['text/html'], '<a href="https://example.org/">link</a>');
});

test('plotly figures are plots, typed arrays in them as numbers', async () => {
  const figure = { data: [{ type: 'bar', y: new Float32Array([1, 2]) }], layout: { title: { text: 'Loss' } } };
  const shown = (await toBundle(figure)) as Record<string, unknown>;
  assert.equal(shown['text/plain'], 'Plot "Loss" (bar)');
  const sent = shown['application/vnd.plotly.v1+json'] as typeof figure;
  assert.deepEqual(sent, { data: [{ type: 'bar', y: [1, 2] }], layout: { title: { text: 'Loss' } } });
});

test('a figure that says what it shows is that text', async () => {
  const figure = { data: [{ type: 'bar' }], layout: { title: 'Loss', meta: { alt: 'The loss falls from 4 to 1.' } } };
  assert.equal((await bundle(figure))['text/plain'], 'The loss falls from 4 to 1.');
});

test('tensors show type, shape and a corner of their values', async () => {
  const matrix = tf.range(0, 10_000).reshape([100, 100]);
  const text = (await bundle(matrix))['text/plain'];
  assert.match(text, /^Tensor float32 \[100, 100\]\n/);
  assert.match(text, /0 +, 1 +, 2 +, \.\.\., 97 +, 98 +, 99/);
  assert.ok(text.length < 1000);
  matrix.dispose();
  assert.equal((await bundle(matrix))['text/plain'], 'Tensor float32 [100, 100], disposed');
});

test('bytes of an image are the image', async () => {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2]);
  assert.deepEqual(await bundle(png), { 'image/png': 'iVBORw0KGgoBAg==', 'text/plain': 'image/png, 10 bytes' });
  assert.deepEqual(Object.keys(await bundle(Uint8Array.of(1, 2))), ['text/plain']);
});

test('errors are errors', async () => {
  const shown = await bundle(new RangeError('too far'));
  assert.match(shown['application/vnd.jupyter.error'], /^RangeError: too far\n/);
  assert.match(shown['text/plain'], /^RangeError: too far/);
});

test('danfojs frames are escaped tables of their first rows, and data for a table that sorts', options, async () => {
  const code = `import * as dfd from 'danfojs-node'
    const frame = new dfd.DataFrame([['<b>bold</b>', 1.23456789], ['&', 2]], { columns: ['text', 'n<1>'] })
    frame`;
  const { messages, errors } = await kernel.run(code);
  assert.deepEqual(errors, []);
  const data = messages.find(({ type }) => type === 'execute_result')!.content.data as Record<string, string>;
  assert.match(data['text/html'], /<th style="text-align: right">n&lt;1&gt;<\/th>/);
  const cells = '<td style="text-align: left">&lt;b&gt;bold&lt;/b&gt;</td><td style="text-align: right">1.2346</td>';
  assert.ok(data['text/html'].includes(cells), data['text/html']);
  assert.doesNotMatch(data['text/html'], /<b>|<script/);
  assert.equal(data['text/plain'], 'text           n<1>\n<b>bold</b>  1.2346\n&                 2');
  assert.deepEqual(data['application/vnd.spanlab.table+json'] as unknown, {
    columns: [{ name: 'text', isNumber: false }, { name: 'n<1>', isNumber: true }], // prettier-ignore
    rows: [['<b>bold</b>', 1.2346], ['&', 2]], // prettier-ignore
    total: 2,
  });
  const series = await kernel.run('new dfd.Series(Array.from({ length: 50 }, (_, i) => i))');
  assert.match(series.result!, /^value\n +0\n[^]*\n +19\n50 rows × 1 columns$/);
});

test('an index with names is a column; one that only counts is none', () => {
  const frame = (index: unknown[]) => ({ $dataIncolumnFormat: [], columns: ['n'], values: [[7], [8]], index });
  const columns = (index: unknown[]) => {
    const shown = toBundle(frame(index)) as Record<string, { columns: unknown[] }>;
    return shown['application/vnd.spanlab.table+json'].columns.length;
  };
  assert.equal(columns([0, 1]), 1);
  assert.equal(columns(['mean', 'max']), 2);
  assert.equal(columns([4, 1]), 1);
  const series = { ...frame([5, 3]), columns: ['0'], values: [10, 20] };
  const shown = toBundle(series) as Record<string, { rows: unknown[] }>;
  assert.deepEqual(shown['application/vnd.spanlab.table+json'].rows, [[5, 10], [3, 20]]); // prettier-ignore
});

test('every form reaches the front end from a cell', options, async () => {
  const code = `display.register((value): value is Map<string, number> => value instanceof Map, (map) => ({ 'text/html': '<p>' + map.size + '</p>' }))
    display(new Map([['a', 1]])); display.markdown('**m**'); display.svg('<svg/>')
    display({ async [Symbol.for('Jupyter.display')]() { return { 'text/plain': 'in time' } } })`;
  const { messages } = await kernel.run(code);
  const shown = messages.filter(({ type }) => type === 'display_data').map(({ content }) => content.data as object);
  assert.deepEqual(
    shown.map((data) => Object.keys(data)[0]),
    ['text/html', 'text/markdown', 'image/svg+xml', 'text/plain'],
  );
  assert.ok(shown.every((data) => 'text/plain' in data));
});

test('a value that cannot show itself is an error of the cell', options, async () => {
  const code = '({ [Symbol.for("Jupyter.display")]() { throw new Error("no picture") } })';
  assert.equal((await kernel.run(code)).errors[0].evalue, 'no picture');
});
