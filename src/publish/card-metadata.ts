// The head of a model card: what the hub reads, in YAML.
import type { CardFacts } from './card-facts';

type Value = string | number | Value[] | { [key: string]: Value | undefined };

/**
 * The metadata of the hub: language, task, data, encoder, and the measured metrics as its `model-index`.
 *
 * Source: the hub's specification of model cards (`modelcard.md` of huggingface_hub).
 *
 * @example cardMetadata(facts) // 'language:\n- "en"\n…'
 */
export function cardMetadata(facts: CardFacts): string {
  const { language, license, baseModel, trainedOn, evaluatedOn } = facts;
  const datasets = [...new Set([trainedOn, evaluatedOn].flatMap((data) => data?.hub ?? []))];
  const index = modelIndex(facts);
  const fields: Value = {
    language: [language],
    license,
    library_name: 'transformers',
    pipeline_tag: 'question-answering',
    tags: ['question-answering', 'extractive-qa', 'spanlab', 'safetensors', ...(facts.onnx.length ? ['onnx', 'transformers.js'] : [])],
    datasets: datasets.length ? datasets : undefined,
    metrics: index && ['exact_match', 'f1'],
    base_model: baseModel,
    'model-index': index,
  }; // prettier-ignore
  return `${lines(fields).join('\n')}\n`;
}

function modelIndex({ name, metrics, evaluatedOn }: CardFacts): Value[] | undefined {
  const exact = metrics.exact ?? metrics.exact_match;
  if (exact === undefined || metrics.f1 === undefined) return undefined;
  const data = evaluatedOn?.hub ?? evaluatedOn?.name ?? 'development questions';
  const measured = [
    { type: 'exact_match', name: 'Exact Match', value: rounded(exact) },
    { type: 'f1', name: 'F1', value: rounded(metrics.f1) },
  ];
  const task = { type: 'question-answering', name: 'Question Answering' };
  return [
    {
      name: name.split('/').at(-1)!,
      results: [{ task, dataset: { type: slug(data), name: data }, metrics: measured }],
    },
  ];
}

const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9_]+/g, '-');

/** Block style; every text in double quotes, as JSON writes it, so that nothing in it is YAML. */
function lines(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => prefixed(lines(item), '- '));
  if (typeof value !== 'object') return [JSON.stringify(value)];
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined) return [];
    if (typeof item !== 'object') return [`${key}: ${JSON.stringify(item)}`];
    return [`${key}:`, ...lines(item).map((line) => `${Array.isArray(item) ? '' : '  '}${line}`)];
  });
}

const prefixed = ([first, ...rest]: string[], prefix: string) => [`${prefix}${first}`, ...rest.map((line) => `  ${line}`)]; // prettier-ignore
