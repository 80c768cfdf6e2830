// The messages of the ONNX format that a file of ours has; source: onnx/onnx.proto of ONNX 1.16 (IR version 8).
import { type Type, Root } from 'protobufjs';

type Field = [name: string, id: number, type: string, rule?: 'repeated'];

const MESSAGES: Record<string, Field[]> = {
  ModelProto: [
    ['irVersion', 1, 'int64'],
    ['opsetImport', 8, 'OperatorSetIdProto', 'repeated'],
    ['producerName', 2, 'string'],
    ['producerVersion', 3, 'string'],
    ['graph', 7, 'GraphProto'],
    ['metadataProps', 14, 'StringStringEntryProto', 'repeated'],
  ],
  StringStringEntryProto: [
    ['key', 1, 'string'],
    ['value', 2, 'string'],
  ],
  OperatorSetIdProto: [
    ['domain', 1, 'string'],
    ['version', 2, 'int64'],
  ],
  GraphProto: [
    ['node', 1, 'NodeProto', 'repeated'],
    ['name', 2, 'string'],
    ['initializer', 5, 'TensorProto', 'repeated'],
    ['input', 11, 'ValueInfoProto', 'repeated'],
    ['output', 12, 'ValueInfoProto', 'repeated'],
  ],
  NodeProto: [
    ['input', 1, 'string', 'repeated'],
    ['output', 2, 'string', 'repeated'],
    ['name', 3, 'string'],
    ['opType', 4, 'string'],
    ['attribute', 5, 'AttributeProto', 'repeated'],
  ],
  AttributeProto: [
    ['name', 1, 'string'],
    ['f', 2, 'float'],
    ['i', 3, 'int64'],
    ['ints', 8, 'int64', 'repeated'],
    ['type', 20, 'int32'],
  ],
  TensorProto: [
    ['dims', 1, 'int64', 'repeated'],
    ['dataType', 2, 'int32'],
    ['name', 8, 'string'],
    ['rawData', 9, 'bytes'],
  ],
  ValueInfoProto: [
    ['name', 1, 'string'],
    ['type', 2, 'TypeProto'],
  ],
  TypeProto: [['tensorType', 1, 'TensorTypeProto']],
  TensorTypeProto: [
    ['elemType', 1, 'int32'],
    ['shape', 2, 'TensorShapeProto'],
  ],
  TensorShapeProto: [['dim', 1, 'DimensionProto', 'repeated']],
  DimensionProto: [
    ['dimValue', 1, 'int64'],
    ['dimParam', 2, 'string'],
  ],
};

/** ONNX's numbers for the types of elements. */
export const ELEMENT = { float: 1, uint8: 2, int8: 3, int64: 7, float16: 10 } as const;
/** ONNX's numbers for the types of attributes. */
export const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const;

export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  ints?: number[];
}
export interface NodeProto {
  opType: string;
  name: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}
export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array;
}
export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } } };
}
export interface ModelProto {
  irVersion: number;
  opsetImport: { domain: string; version: number }[];
  producerName: string;
  producerVersion: string;
  graph: {
    name: string;
    node: NodeProto[];
    initializer: TensorProto[];
    input: ValueInfoProto[];
    output: ValueInfoProto[];
  };
  /** What a file says of itself, by name. */
  metadataProps?: { key: string; value: string }[];
}

let modelType: Type | undefined;

function model(): Type {
  const nested = Object.entries(MESSAGES).map(([message, fields]) => {
    return [
      message,
      { fields: Object.fromEntries(fields.map(([name, id, type, rule]) => [name, { id, type, rule }])) },
    ];
  });
  modelType ??= Root.fromJSON({ nested: Object.fromEntries(nested) }).lookupType('ModelProto');
  return modelType;
}

/** The bytes of an ONNX file. */
export function encodeModel(content: ModelProto): Uint8Array {
  return model().encode(content).finish();
}

/** The content of an ONNX file, as far as it has the messages above; what it has beyond is dropped. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const type = model();
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true }) as ModelProto;
}
