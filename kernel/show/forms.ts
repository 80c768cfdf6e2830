// What a value looks like to a front end: one form for each MIME type.

/** A value's forms. Bytes are sent as base64; other values than text as JSON. */
export type Bundle = Record<string, unknown>;
