// Windows over a long context as a picture.
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import { answerEnd } from '../tokens/positions';
import { type Figure, COLOURS, layout } from './plots';
import { counted } from '../counted';

const GREY = 'rgba(128, 128, 128, 0.22)';

/**
 * The windows of one record over its context, with the answer as a band: windows that hold all of it are blue.
 *
 * @param index The record's number among those that `features` were made from.
 * @example windowsPlot(features, records[0], 0)
 */
export function windowsPlot(features: Features, record: SquadRecord, index: number): Figure {
  const rows = [...features.record.keys()].filter((row) => features.record[row] === index);
  const spans = rows.map((row) => contextSpan(features, row));
  const holds = rows.map((row) => features.startPositions[row] > 0);
  const names = rows.map((_, i) => `window ${i + 1}`);
  const bars = (name: string, isHolding: boolean, color: string) => {
    const of = [...rows.keys()].filter((i) => holds[i] === isHolding);
    return {
      type: 'bar',
      orientation: 'h',
      name,
      marker: { color },
      y: of.map((i) => names[i]),
      base: of.map((i) => spans[i].start),
      x: of.map((i) => spans[i].end - spans[i].start),
      text: of.map((i) => `${counted(spans[i].tokens, 'token')}`),
      insidetextanchor: 'end',
      textangle: 0,
      textfont: { color: isHolding ? '#ffffff' : '#757575' },
      hovertemplate: 'characters %{base} to %{x}<extra>%{y}</extra>',
    };
  };
  const answer = record.answers[0];
  const holding = names.filter((_, i) => holds[i]).join(', ') || 'none';
  const alt = `${rows.length} overlapping bars over a context of ${record.context.length} characters, one a window. The answer${answer ? ` at character ${answer.answerStart}` : ''} is held by: ${holding}.`;
  const figure = layout('Windows over one context', 'position in the context (characters)', '', alt);
  return {
    data: [bars('holds the answer', true, COLOURS.main), bars('does not', false, GREY)].filter(({ x }) => x.length > 0),
    layout: {
      ...figure,
      yaxis: { categoryorder: 'array', categoryarray: [...names].reverse(), automargin: true },
      shapes: answer ? [band(answer.answerStart, answerEnd(answer))] : [],
      annotations: answer ? [{ x: answer.answerStart, y: 1, yref: 'paper', yanchor: 'bottom', showarrow: false, text: 'answer' }] : [], // prettier-ignore
      barmode: 'overlay',
      bargap: 0.35,
      height: 150 + 34 * rows.length,
      showlegend: true,
    },
  };
}

function band(x0: number, x1: number): Record<string, unknown> {
  return {
    type: 'rect',
    x0,
    x1,
    y0: 0,
    y1: 1,
    yref: 'paper',
    fillcolor: COLOURS.second,
    opacity: 0.75,
    line: { width: 0 },
  };
}

function contextSpan({ rowStart, offsets, contextStart, contextEnd }: Features, row: number) {
  const [first, last] = [rowStart[row] + contextStart[row], rowStart[row] + contextEnd[row] - 1];
  return { start: offsets[2 * first], end: offsets[2 * last + 1], tokens: last - first + 1 };
}
