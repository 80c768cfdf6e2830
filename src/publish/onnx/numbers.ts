// What the three files differ in: the type of their numbers, and how they look up rows and multiply with weights.
import type { GraphBuilder } from './graph';
import { ELEMENT } from './messages';
import { quantizeColumns, quantizeRows } from './quantize';
import { type Weight, floatTensor, halfTensor, int8Tensor, transpose } from './tensors';

export type OnnxPrecision = 'fp32' | 'fp16' | 'int8';

/** How a graph computes with weights. */
export interface Numbers {
  /** ONNX's number for the type of everything between the inputs and the outputs. */
  elementType: number;
  /** Added to the scores of padding: as negative as the type allows. */
  lowest: number;
  constant(name: string, weight: Weight): string;
  /** Rows of a table [rows, hidden] by their ids. */
  rows(name: string, table: Weight, ids: string): string;
  /** x · weightᵀ for a weight of [out, in]. */
  product(x: string, name: string, weight: Weight): string;
  /** x · weightᵀ + bias for an `x` that no input changes: the runtime computes it once. */
  constantLinear(x: string, weight: Weight & { name: string }, bias: Weight & { name: string }): string;
}

export function numbers(graph: GraphBuilder, precision: OnnxPrecision): Numbers {
  if (precision === 'fp16') return plain(graph, ELEMENT.float16, -65504, halfTensor);
  const float = plain(graph, ELEMENT.float, -3.4028234663852886e38, floatTensor);
  return precision === 'fp32' ? float : quantized(graph, float);
}

function plain(graph: GraphBuilder, elementType: number, lowest: number, toTensor: typeof floatTensor): Numbers {
  const constant = (name: string, weight: Weight) => graph.constant(toTensor(name, weight));
  const product = (x: string, name: string, weight: Weight) =>
    graph.add('MatMul', [x, constant(`${name}.transposed`, transpose(weight))]);
  return {
    elementType,
    lowest,
    constant,
    rows: (name, table, ids) => graph.add('Gather', [constant(name, table), ids]),
    product,
    constantLinear(x, weight, bias) {
      // ONNX Runtime 1.30 ends the process when it finds sums in half precision that no input changes
      const floats = [x, constant(`${weight.name}.transposed`, transpose(weight)), constant(bias.name, bias)].map(
        (value) =>
          elementType === ELEMENT.float ? value : graph.add('Cast', [value], { attributes: { to: ELEMENT.float } }),
      );
      const sum = graph.add('Add', [graph.add('MatMul', floats.slice(0, 2)), floats[2]]);
      return elementType === ELEMENT.float ? sum : graph.add('Cast', [sum], { attributes: { to: elementType } });
    },
  };
}

/**
 * Weights are stored as int8 with a scale for each output, and rows of tables with a scale each. A product's other side is
 * quantized when it is computed, by its own range, as `onnxruntime.quantization.quantize_dynamic` has it.
 */
function quantized(graph: GraphBuilder, float: Numbers): Numbers {
  const inputs = new Map<string, string[]>(); // one quantization serves all products of the same input
  const quantizeInput = (x: string) => {
    const made = inputs.get(x) ?? graph.addMany('DynamicQuantizeLinear', [x], 3);
    inputs.set(x, made);
    return made;
  };
  const columns = (name: string, weight: Weight) => {
    const { shape, values, scales } = quantizeColumns(transpose(weight));
    const integers = graph.constant(int8Tensor(`${name}.int8`, shape, values));
    return { integers, scale: graph.constant(floatTensor(`${name}.scale`, scales)) };
  };
  return {
    ...float,
    rows: (name, table, ids) => {
      const { values, scales } = quantizeRows(table);
      const rows = graph.add('Gather', [graph.constant(int8Tensor(`${name}.int8`, table.shape, values)), ids]);
      const scale = graph.add('Gather', [graph.constant(floatTensor(`${name}.scale`, scales)), ids], { name: 'Scale' });
      return graph.add('Mul', [graph.add('Cast', [rows], { attributes: { to: ELEMENT.float } }), scale]);
    },
    product: (x, name, weight) => {
      const [input, inputScale, zero] = quantizeInput(x);
      const { integers, scale: columnScale } = columns(name, weight);
      const product = graph.add('MatMulInteger', [input, integers, zero]);
      const scale = graph.add('Mul', [inputScale, columnScale], { name: 'Scale' });
      return graph.add('Mul', [graph.add('Cast', [product], { attributes: { to: ELEMENT.float } }), scale]);
    },
    // nothing here has a range of its own that an input could change
    constantLinear: (x, weight, bias) => {
      const { integers, scale } = columns(weight.name, weight);
      const floats = graph.add('DequantizeLinear', [integers, scale], { attributes: { axis: 1 } });
      return graph.add('Add', [graph.add('MatMul', [x, floats]), float.constant(bias.name, bias)]);
    },
  };
}
