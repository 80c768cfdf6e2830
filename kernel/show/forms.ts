// What a value looks like to a front end: one form for each MIME type.

/** A value's forms. Bytes are sent as base64; other values than text as JSON. */
export type Bundle = Record<string, unknown>;

/** The open convention (Deno's kernel has it, too) by which a value says how it is shown. */
export const DISPLAY = Symbol.for('Jupyter.display');

/** A form as text, for where nothing else can be shown. */
export function textOf(bundle: Bundle): string | undefined {
  for (const type of ['text/markdown', 'text/latex']) if (typeof bundle[type] === 'string') return bundle[type];
  const html = bundle['text/html'];
  if (typeof html === 'string') return withoutTags(html);
  const [type] = Object.keys(bundle);
  return type && `(${type})`;
}

/** After these a browser begins a new line. */
const LINE_ENDS =
  /<[bh]r\b[^>]*>|<\/(?:article|blockquote|caption|d[dlt]|details|div|fig(?:caption|ure)|h[1-6]|li|ol|p|pre|section|summary|table|tr|ul)>/gi;

/** What a reader of the page sees: words of two lines, or of two cells of a table, do not run into one. */
function withoutTags(html: string): string {
  return html
    .replace(/<(script|style)\b[^>]*>[^]*?<\/\1>/gi, '')
    .replace(LINE_ENDS, '\n')
    .replace(/<\/t[dh]>/gi, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/(?:[ \t]*\n)+/g, '\n')
    .trim();
}
