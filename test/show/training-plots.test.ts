// Figures on training hold the numbers that they are asked to show, and say in words what they show.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  clippingPlot,
  learningCurvePlot,
  overfittingPlot,
  pathsPlot,
  schedulePlot,
} from '../../src/show/training-plots';
import type { Figure } from '../../src/show/plots';
import { schedule } from '../../src/training/schedule';

const alt = ({ layout }: Figure) => (layout.meta as { alt: string }).alt;

test('the rate of every step, a line for each schedule', () => {
  const figure = schedulePlot({ linear: schedule('linear', 4, 2), constant: schedule('constant', 4) }, 4, 0.5);
  assert.deepEqual(figure.data[0].y, [0, 0.25, 0.5, 0.25]);
  assert.deepEqual(figure.data[1].y, [0.5, 0.5, 0.5, 0.5]);
  assert.deepEqual(figure.data[0].x, [1, 2, 3, 4]);
  assert.match(alt(figure), /linear, constant/);
});

test('values as they are, or the mean of some', () => {
  const paths = { a: [4, 2, 3], b: [1, 1, 1] };
  assert.deepEqual(pathsPlot(paths, 'Title', 'y').data[0].y, [4, 2, 3]);
  const smooth = pathsPlot(paths, 'Title', 'y', 2);
  assert.deepEqual(smooth.data[0].y, [4, 3, 2.5]);
  assert.match(alt(smooth), /a goes from 4 to 2\.5; b goes from 1 to 1/);
  assert.notDeepEqual(smooth.data[0].line, smooth.data[1].line);
});

test('norms above the limit are cut to it', () => {
  const figure = clippingPlot([0.5, 3, 1], 1);
  assert.deepEqual(figure.data[1].y, [0.5, 1, 1]);
  assert.match(alt(figure), /from 0\.5 to 3; 1 are above the limit 1/);
});

test('the best step is where the held-out loss is smallest', () => {
  const steps = [4, 2, 1, 0.5].map((loss, i) => ({ step: i + 1, loss }));
  const metrics = [3, 2, 2.5].map((loss, i) => ({ step: 2 * i + 1, eval_loss: loss }));
  const figure = overfittingPlot([...steps, ...metrics], 2);
  assert.deepEqual(figure.data[0].y, [4, 3, 1.5, 0.75]);
  assert.deepEqual([figure.data[1].x, figure.data[1].y], [[1, 3, 5], [3, 2, 2.5]]); // prettier-ignore
  assert.deepEqual([figure.data[2].x, figure.data[2].y], [[3], [2]]);
  assert.match(alt(figure), /smallest, 2, after step 3 and ends at 2\.5/);
});

test('a learning curve, its points named', () => {
  const figure = learningCurvePlot([{ examples: 8, value: 20.4 }, { examples: 32, value: 45 }], 'F1'); // prettier-ignore
  assert.deepEqual([figure.data[0].x, figure.data[0].y], [[8, 32], [20.4, 45]]); // prettier-ignore
  assert.equal(figure.data[0].cliponaxis, false, 'the name of a point at the edge is whole');
  assert.equal(alt(figure), 'F1 on held-out questions: 20 with 8 examples, 45 with 32 examples.');
});
