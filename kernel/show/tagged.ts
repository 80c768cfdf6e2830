// html`…`, svg`…` and md`…`: text that is shown as what it is.
import { escapeHtml } from '../../src/escape-html';
import { isElement } from './dom';
import { type Bundle, DISPLAY } from './forms';

type Language = 'html' | 'svg' | 'md';

const TYPES = { html: 'text/html', svg: 'image/svg+xml', md: 'text/markdown' };

/** Text in a language that front ends show. */
export class Tagged {
  constructor(
    readonly language: Language,
    readonly text: string,
  ) {}

  toString(): string {
    return this.text;
  }

  [DISPLAY](): Bundle {
    return { [TYPES[this.language]]: this.text };
  }
}

/** The tag of a language. What is put in is escaped, unless it is of a tag or an element itself; lists are joined. */
export function createTag(language: Language) {
  return (strings: TemplateStringsArray, ...values: unknown[]): Tagged =>
    new Tagged(language, String.raw({ raw: strings }, ...values.map((value) => insert(language, value))));
}

function insert(language: Language, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => insert(language, item)).join('');
  if (value instanceof Tagged) return value.text;
  if (isElement(value)) return value.outerHTML;
  const text = value === undefined || value === null || value === false ? '' : String(value);
  return language === 'md' ? text : escapeHtml(text);
}
