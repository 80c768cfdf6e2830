// Values on their way into a message, which is JSON.

/** Bytes become base64, typed arrays become arrays, big integers become text, functions vanish. */
export function plainJson(value: unknown): unknown {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return JSON.parse(JSON.stringify(value, replace) ?? 'null') as unknown;
}

function replace(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float32Array);
  return typeof value === 'bigint' ? value.toString() : value;
}
