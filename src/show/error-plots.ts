// Error analysis as plotly figures: metrics of groups, calibration, precision and recall of "no answer".
import { type Grouping, type QuestionResult, groupMetrics } from '../evaluation/analysis';
import { averagePrecision, calibration, calibrationError, noAnswerCurve } from '../evaluation/analysis-calibration';
import { type Figure, COLOURS, layout } from './plots';
import { counted } from '../counted';

/**
 * Exact match and F1 of each group as bars.
 *
 * @example groupPlot(results, 'answer length')
 */
export function groupPlot(results: QuestionResult[], grouping: Grouping): Figure {
  const groups = groupMetrics(results, grouping);
  const bars = (name: string, y: number[], color: string) => {
    return {
      type: 'bar',
      name,
      x: groups.map(({ group, questions }) => `${group} (${questions})`),
      y,
      marker: { color },
    };
  };
  const metrics = groups.map(({ group, f1 }) => `${group} ${Math.round(f1)}`).join(', ');
  const alt = `Exact match and F1 by ${grouping}, as bars. F1 in percent: ${metrics}.`;
  return {
    data: [
      bars('exact match', groups.map(({ exact }) => exact), COLOURS.main), // prettier-ignore
      bars('F1', groups.map(({ f1 }) => f1), COLOURS.second), // prettier-ignore
    ],
    layout: layout(`Metrics by ${grouping}`, `${grouping} (questions)`, 'percent', alt),
  };
}

/** How often answers of some probability are right; on the dotted line probabilities mean what they say. */
export function calibrationPlot(results: QuestionResult[], count = 10): Figure {
  const bins = calibration(results, count);
  // a point for few questions says little: their number stands next to it
  const points = {
    type: 'scatter',
    mode: 'lines+markers+text',
    name: 'answers',
    marker: { color: COLOURS.main },
    x: bins.map((bin) => bin.probability),
    y: bins.map((bin) => bin.right),
    text: bins.map((bin) => String(bin.questions)),
    textposition: 'top center',
    textfont: { size: 10 },
    cliponaxis: false,
    hovertext: bins.map((bin) => counted(bin.questions, 'question')),
  };
  const error = (100 * calibrationError(bins)).toFixed(1);
  const title = `Calibration (mean distance ${error} points)`;
  const alt = `${title}: ${bins.map((bin) => `of answers with ${Math.round(100 * bin.probability)} % probability ${Math.round(100 * bin.right)} % are right`).join(', ')}.`;
  return {
    data: [{ ...DIAGONAL, x: [0, 1], y: [0, 1] }, points],
    layout: layout(title, 'probability of the answer', 'share that is right', alt),
  };
}

const DIAGONAL = { type: 'scatter', mode: 'lines', name: 'perfect', line: { color: '#999', dash: 'dot' } };

/** What a lower threshold gains in recall of "no answer", and what it costs in precision. */
export function noAnswerPlot(results: QuestionResult[]): Figure {
  const curve = noAnswerCurve(results);
  const points = {
    type: 'scatter',
    mode: 'lines',
    name: 'no answer',
    line: { color: COLOURS.main, shape: 'hv' },
    x: curve.map(({ recall }) => recall),
    y: curve.map(({ precision }) => precision),
    text: curve.map(({ threshold }) => `null odds from ${threshold.toFixed(2)}`),
  };
  const area = averagePrecision(curve).toFixed(2);
  const title = `“No answer” (average precision ${area})`;
  const alt = `${title}: precision over recall in ${counted(curve.length, 'step')}, as the threshold falls.`;
  return { data: [points], layout: layout(title, 'recall', 'precision', alt) };
}
