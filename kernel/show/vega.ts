// Specifications of Vega and Vega-Lite, which front ends draw.
import { asObjects, withValues } from './columns';
import type { Bundle } from './forms';

interface Spec {
  $schema: string;
  title?: unknown;
  description?: string;
  mark?: unknown;
}

/** A value of vega-lite-api or the like, which gives its specification when asked. */
interface Chart {
  toSpec(): Spec;
}

const SCHEMA = /\/schema\/(vega|vega-lite)\/v(\d+)/;

export function isVega(value: unknown): value is Spec | Chart {
  if (typeof value !== 'object' || value === null) return false;
  const { $schema, toSpec } = value as Partial<Spec & Chart>;
  return typeof toSpec === 'function' || (typeof $schema === 'string' && SCHEMA.test($schema));
}

export function renderVega(value: Spec | Chart): Bundle {
  const spec = withValues('toSpec' in value ? value.toSpec() : value, asObjects);
  const [, language = 'vega-lite', version = '5'] = SCHEMA.exec(spec.$schema ?? '') ?? [];
  // front ends know the newest by the name of version 5
  const name = `${language.replace('-', '')}.v${Math.min(5, +version)}`;
  return { [`application/vnd.${name}+json`]: spec, 'text/plain': describe(spec, language) };
}

function describe({ title, description, mark }: Spec, language: string): string {
  if (description) return description;
  const kind = typeof mark === 'string' ? mark : (mark as { type?: string } | undefined)?.type;
  const name = typeof title === 'string' ? title : (title as { text?: string } | undefined)?.text;
  return [language === 'vega' ? 'Vega' : 'Vega-Lite', 'chart', name && `"${name}"`, kind && `(${kind})`]
    .filter(Boolean)
    .join(' ');
}
