// How values are shown: in several forms, plain text always among them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { DataFrame } from 'danfojs-node';
import { JSDOM } from 'jsdom';
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

test('a hook that gives nothing leaves its value to be shown as any other, and what is no object is told', async () => {
  const own = (forms: unknown) => ({ [Symbol.for('Jupyter.display')]: () => forms, size: 3 });
  for (const nothing of [undefined, null, Promise.resolve(undefined)]) {
    assert.match((await bundle(own(nothing)))['text/plain'], /size: 3/);
  }
  for (const wrong of [5, 'text', ['text/html'], Promise.resolve(5)]) {
    await assert.rejects(async () => bundle(own(wrong)), /^TypeError: a display hook gave .*; give an object of forms/);
  }
  const { errors } = await kernel.run('({ [Symbol.for("Jupyter.display")]() { throw new Error("mine") } })');
  assert.match(errors[0].traceback.join('\n'), /^Error: mine\n    at .*\n.*\n +\^$/);
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
  assert.match(shown['text/html'] as string, /Plotly\.newPlot\(place, \[\{"type":"bar","y":\[1,2\]\}\]/);
  const sent = shown['application/vnd.plotly.v1+json'] as typeof figure;
  assert.deepEqual(sent, { data: [{ type: 'bar', y: [1, 2] }], layout: { title: { text: 'Loss' } } });
});

test('a figure that says what it shows is that text', async () => {
  const figure = { data: [{ type: 'bar' }], layout: { title: 'Loss', meta: { alt: 'The loss falls from 4 to 1.' } } };
  assert.equal((await bundle(figure))['text/plain'], 'The loss falls from 4 to 1.');
});

test('what has data and a layout is no plot for that', async () => {
  const others = [
    { data: [], layout: {} },
    { data: [{ id: 1 }], layout: 'wide' },
    { data: [{ type: 'user', id: 1 }], layout: {} },
    { data: { type: 'user', id: 1 }, layout: {} },
    { data: [{ x: [1] }], layout: {}, status: 200 },
  ];
  for (const other of others) {
    const shown = await bundle(other);
    assert.deepEqual(Object.keys(shown), ['text/plain']);
    assert.doesNotMatch(shown['text/plain'], /no plot/);
  }
  assert.ok('application/vnd.plotly.v1+json' in (await bundle({ data: [{ x: [1], y: [2] }], layout: {} })));
});

test('columns of a frame in a figure or a chart are their values, whoever forgot .values', async () => {
  const frame = new DataFrame([{ first: 'who', words: 7 }, { first: 'when', words: 5 }]); // prettier-ignore
  const figure = { data: [{ type: 'bar', x: frame.column('first'), y: frame.column('words') }], layout: { xaxis: { tickvals: tf.tensor1d([0, 1]) } } }; // prettier-ignore
  const shown = (await toBundle(figure)) as Record<string, unknown>;
  assert.deepEqual(shown['application/vnd.plotly.v1+json'], {
    data: [{ type: 'bar', x: ['who', 'when'], y: [7, 5] }],
    layout: { xaxis: { tickvals: [0, 1] } },
  });
  assert.match(shown['text/html'] as string, /\{"type":"bar","x":\["who","when"\],"y":\[7,5\]\}/);
  assert.ok('application/vnd.plotly.v1+json' in (await bundle({ data: [{ x: frame.column('first') }], layout: {} })));
  const spec = { $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar', data: { values: frame } };
  const chart = (await toBundle(spec)) as Record<string, { data: unknown }>;
  const values = [{ first: 'who', words: 7 }, { first: 'when', words: 5 }]; // prettier-ignore
  assert.deepEqual(chart['application/vnd.vegalite.v5+json'].data, { values });
});

test('a figure needs no layout; what is nearly one says why it is none', async () => {
  const trace = { type: 'bar', x: ['a'], y: [1] };
  const drawn = (await toBundle({ data: [trace] })) as Record<string, unknown>;
  assert.deepEqual(drawn['application/vnd.plotly.v1+json'], { data: [trace], layout: {} });
  const cases: [object, RegExp][] = [
    [{ data: [{ ...trace, type: 'bars' }], layout: {} }, /type: 'bars'.*\nThis is no plot: "bars" is no kind of trace; plotly draws bar, /s],
    [{ data: [trace], layout: 'wide' }, /This is no plot: its layout is no object; write layout: \{\} for a plain one\.$/],
    [{ data: trace, layout: {} }, /This is no plot: its data is one trace and no list of traces; write it in brackets, data: \[\{ … \}\]\.$/],
    [{ data: { x: [1], y: [2] }, layout: {} }, /This is no plot: its data is one trace/],
    [{ data: [trace], layouts: {} }, /This is no plot: "layouts" is no part of a figure; it has data, layout, config, frames\.$/],
  ]; // prettier-ignore
  for (const [value, expected] of cases) {
    const shown = await bundle(value);
    assert.deepEqual(Object.keys(shown), ['text/plain']);
    assert.match(shown['text/plain'], expected);
  }
  assert.deepEqual(await bundle({ data: [{ type: 'table', id: 1 }] }), { 'text/plain': "{ data: [ { type: 'table', id: 1 } ] }" }); // prettier-ignore
});

test('the page of a plot holds no text that ends its script, and says what it shows where no script runs', async () => {
  const figure = { data: [{ type: 'bar', name: '</script><b>' }], layout: { title: 'a < b' } };
  const html = (await bundle(figure))['text/html'];
  assert.equal(html.match(/<\/script>/g)?.length, 1);
  assert.match(html, /<div[^>]*>Plot &quot;a &lt; b&quot; \(bar\)<\/div>/);
  const hash = createHash('sha384').update(fs.readFileSync(require.resolve('plotly.js-dist')));
  assert.ok(html.includes(`integrity: 'sha384-${hash.digest('base64')}'`));
});

test('Vega-Lite and Vega are charts, from specifications and from builders', async () => {
  const schema = (name: string) => `https://vega.github.io/schema/${name}.json`;
  const spec = { $schema: schema('vega-lite/v6'), title: 'Loss', mark: 'line', data: { values: [] } };
  assert.deepEqual(await toBundle(spec), {
    'application/vnd.vegalite.v5+json': spec,
    'text/plain': 'Vega-Lite chart "Loss" (line)',
  });
  assert.ok('application/vnd.vegalite.v4+json' in (await bundle({ $schema: schema('vega-lite/v4') })));
  assert.ok('application/vnd.vega.v5+json' in (await bundle({ $schema: schema('vega/v5') })));
  assert.ok('application/vnd.vegalite.v5+json' in (await bundle({ toSpec: () => ({ mark: { type: 'bar' } }) })));
  assert.deepEqual(Object.keys(await bundle({ $schema: 'http://json-schema.org/draft-07/schema#' })), ['text/plain']);
});

test('elements are drawings and HTML', async () => {
  const { document } = new JSDOM('<p>some <b>words</b></p>').window;
  assert.deepEqual(await bundle(document.querySelector('p')), {
    'text/html': '<p>some <b>words</b></p>',
    'text/plain': 'some words',
  });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.innerHTML = '<text>a &amp; b</text>';
  assert.deepEqual(await bundle(svg), {
    'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg"><text>a &amp; b</text></svg>',
    'text/plain': '(drawing) a & b',
  });
  const foreign = { nodeType: 1, localName: 'svg', outerHTML: '<svg width="1"></svg>', textContent: '' };
  assert.match((await bundle(foreign))['image/svg+xml'], /^<svg xmlns="[^"]+" width="1">/);
});

test('a canvas is its picture', async () => {
  const canvas = { width: 2, height: 1, toDataURL: () => 'data:image/png;base64,AAAA' };
  assert.deepEqual(await bundle(canvas), { 'image/png': 'AAAA', 'text/plain': '(canvas of 2 × 1)' });
});

test('tensors inside arrays and objects show their values, too', async () => {
  const [loss, large] = [tf.scalar(1.5), tf.zeros([200, 200])];
  const text = (await bundle({ loss, parts: [tf.tensor1d([1, 2], 'int32')], large }))['text/plain'];
  assert.match(text, /loss: Tensor float32 \[\] 1\.5/);
  assert.match(text, /Tensor int32 \[2\] \[1, 2\]/);
  assert.match(text, /large: Tensor float32 \[200, 200\]/);
  assert.ok(text.length < 200, text);
  loss.dispose();
  assert.match((await bundle([loss]))['text/plain'], /Tensor float32 \[\], disposed/);
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

test('WebP, GIF and JPEG are told by their bytes', async () => {
  const file = (begin: string) => Buffer.concat([Buffer.from(begin, 'latin1'), Buffer.alloc(20)]);
  const types = ['RIFF\x01\x02\x03\x04WEBP', 'GIF89a', '\xff\xd8\xff', 'RIFF\x01\x02\x03\x04WAVE']
    .map(file)
    .map(bundle);
  assert.deepEqual(
    (await Promise.all(types)).map((forms) => Object.keys(forms)[0]),
    ['image/webp', 'image/gif', 'image/jpeg', 'text/plain'],
  );
});

test('forms without text have one, and it says what they are', async () => {
  const own = (forms: object) => bundle({ [Symbol.for('Jupyter.display')]: () => forms });
  assert.equal((await own({ 'text/latex': '$x^2$' }))['text/plain'], '$x^2$');
  assert.equal((await own({ 'text/html': '<style>b {}</style><b>7</b> of 9' }))['text/plain'], '7 of 9');
  const lines =
    '<div><small>step 1</small><br>Who won?</div>\n<table><tr><td>Ada</td><td>7</td></tr><tr><td>Holm</td></tr></table>';
  assert.equal((await own({ 'text/html': lines }))['text/plain'], 'step 1\nWho won?\nAda 7\nHolm');
  assert.equal((await own({ 'image/png': Uint8Array.of(1) }))['text/plain'], '(image/png)');
});

test('toJupyter says how a value is shown, too', async () => {
  assert.deepEqual(await bundle({ toJupyter: () => ({ 'text/plain': 'mine' }) }), { 'text/plain': 'mine' });
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
  assert.match(series.result!, /^value\n +0\n[^]*\n +19\n50 rows × 1 column$/);
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

/** The forms that the last expression of a cell is shown in. */
async function shownBy(code: string): Promise<Record<string, string>> {
  const { messages, errors } = await kernel.run(code);
  assert.deepEqual(errors, [], code);
  return messages.find(({ type }) => type === 'execute_result')!.content.data as Record<string, string>;
}

test('tagged HTML, SVG and Markdown are values, and escape what is put in', options, async () => {
  const html = await shownBy("const unsafe = '<i>'; html`<ul>${[1, unsafe].map((n) => html`<li>${n}</li>`)}</ul>`");
  assert.equal(html['text/html'], '<ul><li>1</li><li>&lt;i&gt;</li></ul>');
  assert.equal(html['text/plain'], '1\n&lt;i&gt;');
  assert.equal((await shownBy('svg`<svg width="${3}"/>`'))['image/svg+xml'], '<svg width="3"/>');
  assert.deepEqual(await shownBy('md`**${7}** < 9`'), { 'text/markdown': '**7** < 9', 'text/plain': '**7** < 9' });
  // they are names like others
  assert.equal((await shownBy('const md = 1; md'))['text/plain'], '1');
});

test('Observable Plot and d3 draw in the document that cells have', options, async () => {
  const plot = `import * as Plot from '@observablehq/plot'
    Plot.plot({ document: display.document, marks: [Plot.barY([3, 1, 2], { x: (_, i) => i, y: (d: number) => d })] })`;
  const drawing = await shownBy(plot);
  assert.match(
    drawing['image/svg+xml'],
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*<g aria-label="bar"[^]*<rect /,
  );
  const { errors } = await kernel.run('Plot.plot({ marks: [Plot.ruleY([0])] })');
  assert.match(
    errors[0].evalue,
    /reading 'documentElement'\): cells run in Node, which is no page; .*display\.document/,
  );
  const figure = await shownBy("Plot.plot({ document: display.document, title: 'Bars', marks: [Plot.ruleY([0])] })");
  assert.match(figure['text/html'], /^<figure[^]*<h2>Bars<\/h2>/);
  const d3 = await shownBy(`import { select } from 'd3-selection'
    const circle = select(display.document.body).append('svg'); circle.append('circle').attr('r', 5); circle.node()`);
  assert.equal(d3['image/svg+xml'], '<svg xmlns="http://www.w3.org/2000/svg"><circle r="5"/></svg>');
  assert.equal((await shownBy('typeof document'))['text/plain'], 'undefined');
});

test('rows are a table', options, async () => {
  const { messages } = await kernel.run('display.table([{ step: 1, loss: 4 }, { step: 2, note: "<" }])');
  const data = messages.find(({ type }) => type === 'display_data')!.content.data as Record<string, string>;
  assert.match(data['text/html'], /<th [^>]*>step<\/th><th [^>]*>loss<\/th><th [^>]*>note<\/th>/);
  assert.match(data['text/plain'], /^step +loss +note\n +1 +4\n +2 +<$/);
});

test('an output is shown again under its name, or replaced', options, async () => {
  const { messages } = await kernel.run("display(1, { id: 'n' }); display(2, { id: 'n', update: true })");
  const shown = messages.filter(({ type }) => type.endsWith('display_data'));
  assert.deepEqual(
    shown.map(({ type, content }) => [type, content.transient]),
    ['display_data', 'update_display_data'].map((type) => [type, { display_id: 'n' }]),
  );
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
