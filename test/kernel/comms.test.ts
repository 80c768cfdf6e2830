// Comms, and the slider that is made of them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { Content } from '../../kernel/wire/message';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 20_000 };

/** What the kernel has sent on a comm. */
const sent = (type: string, id?: unknown) =>
  kernel.heard.filter((heard) => heard.type === type && (id === undefined || heard.content.comm_id === id));

test('a slider is the widget that front ends know', options, async () => {
  const { messages } = await kernel.run(
    "const rate = display.slider({ label: 'rate', min: 0, max: 1, step: 0.1, value: 0.5 })",
  );
  const [layout, style, slider] = messages.filter(({ type }) => type === 'comm_open').map(({ content }) => content);
  assert.equal(slider.target_name, 'jupyter.widget');
  const { state } = slider.data as { state: Content };
  assert.equal(state._model_name, 'FloatSliderModel');
  assert.equal(state._model_module, '@jupyter-widgets/controls');
  assert.deepEqual([state.min, state.max, state.step, state.value, state.description], [0, 1, 0.1, 0.5, 'rate']);
  assert.deepEqual([state.layout, state.style], [`IPY_MODEL_${layout.comm_id}`, `IPY_MODEL_${style.comm_id}`]);
  const shown = messages.find(({ type }) => type === 'display_data')!.content.data as Content;
  const view = { version_major: 2, version_minor: 0, model_id: slider.comm_id };
  assert.deepEqual(shown, { 'application/vnd.jupyter.widget-view+json': view, 'text/plain': 'rate: 0.5' });
});

test('the person moves it, and a cell reads where it stands', options, async () => {
  const id = sent('comm_open').at(-1)!.content.comm_id;
  const first = kernel.execute('rate.onChange((value) => console.log(`now ${value}`)); rate.value');
  assert.equal((await first.done).result, '0.5');
  kernel.tell('comm_msg', { comm_id: id, data: { method: 'update', state: { value: 0.8 }, buffer_paths: [] } });
  assert.equal((await kernel.run('rate.value')).result, '0.8');
  // what a listener prints is of the cell that put it up
  await kernel.until((heard) =>
    heard.some(({ content, parent }) => content.text === 'now 0.8\n' && parent === first.id),
  );
});

test('a cell moves it, and a page that comes later is told where it stands', options, async () => {
  const id = sent('comm_open').at(-1)!.content.comm_id;
  await kernel.run('rate.value = 0.2');
  await kernel.until(() => sent('comm_msg', id).length === 1);
  assert.deepEqual(sent('comm_msg', id)[0].content.data, { method: 'update', state: { value: 0.2 }, buffer_paths: [] });
  kernel.tell('comm_msg', { comm_id: id, data: { method: 'request_state' } });
  await kernel.until(() => sent('comm_msg', id).length === 2);
  const { state } = sent('comm_msg', id)[1].content.data as { state: Content };
  assert.equal(state.value, 0.2);
  assert.equal(state._view_name, 'FloatSliderView');
});

test('it stands at no number beyond its ends', options, async () => {
  const code = `const ten = display.slider({ max: 10, value: 50 }); const at = [ten.value]
    for (const value of [50, -3, 7]) { ten.value = value; at.push(ten.value) }
    ten.close(); at`;
  assert.equal((await kernel.run(code)).result, '[ 10, 10, 0, 7 ]');
  const { errors } = await kernel.run('display.slider({ min: 2, max: 1 })');
  assert.equal(errors[0].evalue, 'a slider from 2 to 1 has no place: min is at most max');
  const { errors: others } = await kernel.run('ten.value = NaN');
  assert.equal(others[0].evalue, 'a slider stands at a number, not at NaN');
});

test('comm_info names the open ones, of one target if that is asked', options, async () => {
  const { comms } = (await kernel.ask('comm_info_request', { target_name: 'jupyter.widget' })) as { comms: Content };
  assert.equal(Object.keys(comms).length, 3);
  assert.deepEqual(Object.values(comms)[0], { target_name: 'jupyter.widget' });
  assert.deepEqual(await kernel.ask('comm_info_request', { target_name: 'other' }), { status: 'ok', comms: {} });
  // with its layout and its style
  const before = sent('comm_close').length;
  await kernel.run('rate.close()');
  assert.equal(sent('comm_close').length, before + 3);
});

test('a front end opens a channel to a target of a cell; one that nobody knows is closed', options, async () => {
  await kernel.run(`display.comms.register('echo', (comm, data) => {
    comm.send({ hello: data.name })
    comm.onMessage = (data) => comm.send({ echo: data })
  })`);
  kernel.tell('comm_open', { comm_id: 'c1', target_name: 'echo', data: { name: 'Ada' } });
  kernel.tell('comm_msg', { comm_id: 'c1', data: { n: 1 } });
  kernel.tell('comm_open', { comm_id: 'c2', target_name: 'nobody', data: {} });
  await kernel.until(() => sent('comm_close', 'c2').length === 1);
  assert.deepEqual(
    sent('comm_msg', 'c1').map(({ content }) => content.data),
    [{ hello: 'Ada' }, { echo: { n: 1 } }],
  );
});
