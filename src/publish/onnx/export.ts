// A trained model as an ONNX file, for every runtime that reads them: ONNX Runtime, transformers.js, browsers.
import type { QuestionAnsweringModel } from '../../model/question-answering';
import { encode, score } from '../../model/encoder';
import { weightTree } from '../../model/names';
import { version } from '../../root';
import { PublishError } from '../errors';
import { GraphBuilder } from './graph';
import { type ModelProto, type ValueInfoProto, ELEMENT, encodeModel } from './messages';
import { OnnxOps } from './ops';
import { type NamedWeight, INPUTS, OUTPUTS } from './writing';
import { type OnnxPrecision, numbers } from './numbers';

/** LayerNormalization came with 17. */
const OPSET = 17;
const IR_VERSION = 8;
/** A protobuf message cannot be larger. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * The bytes of the model's ONNX file: inputs `input_ids`, `attention_mask` and, where the model has types, `token_type_ids`,
 * int64 [batch, sequence]; outputs `start_logits` and `end_logits`, float32 [batch, sequence]; both sizes free.
 *
 * `fp16` halves the file; `int8` quarters it (dynamic quantization of every product with a weight).
 *
 * @param metadata What the file shall say of itself (`metadata_props`).
 * @throws PublishError `E_ONNX_SIZE` for a model of more than 2 GB.
 * @example fs.writeFileSync('model.onnx', await exportOnnx(model))
 */
export async function exportOnnx(
  model: QuestionAnsweringModel,
  precision: OnnxPrecision = 'fp32',
  metadata: Record<string, string> = {},
): Promise<Uint8Array> {
  const graph = new GraphBuilder();
  await addModel(model, graph, precision);
  const bytes = graph.initializers.reduce((sum, { rawData }) => sum + rawData.length, 0);
  if (bytes > MOST_BYTES * 0.99) {
    const advice = 'an ONNX file holds 2 GB: publish fp16 or int8';
    throw new PublishError('E_ONNX_SIZE', `the model has ${Math.round(bytes / 1e6)} MB of weights; ${advice}`);
  }
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  return encodeModel({ ...describe(model, graph), metadataProps });
}

/** The whole model, from ids [batch, sequence] to two scores a token. */
async function addModel(
  { config, parameters }: QuestionAnsweringModel,
  graph: GraphBuilder,
  precision: OnnxPrecision,
): Promise<void> {
  const values = new Map<string, Float32Array>();
  for (const name of parameters.names) values.set(name, (await parameters.get(name).data()) as Float32Array);
  const weights = weightTree<NamedWeight>(config, (name, { shape, sources }) => ({
    shape,
    values: values.get(name)!,
    names: sources,
  }));
  const ops = new OnnxOps({ graph, numbers: numbers(graph, precision), maxPositions: config.maxPositions });
  const hidden = encode(ops, weights, config);
  graph.within('answer', () => ops.addOutputs(score(ops, weights, config, hidden)));
}

function describe({ config }: QuestionAnsweringModel, graph: GraphBuilder): ModelProto {
  const inputs = [INPUTS.ids, INPUTS.mask, ...(config.typeVocabularySize > 1 ? [INPUTS.types] : [])];
  return {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'spanlab',
    producerVersion: version,
    graph: {
      name: `${config.architecture}-question-answering`,
      node: graph.nodes,
      initializer: graph.initializers,
      input: inputs.map((name) => rowsOf(name, ELEMENT.int64)),
      output: OUTPUTS.map((name) => rowsOf(name, ELEMENT.float)),
    },
  };
}

/** A value of [batch, sequence], both of any size. */
function rowsOf(name: string, elemType: number): ValueInfoProto {
  const dim = ['batch', 'sequence'].map((dimParam) => ({ dimParam }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
