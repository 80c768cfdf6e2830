// Good starts by short names: models of the Hugging Face hub that already answer questions, as they load here. The metrics are those of
// their cards, on SQuAD's dev set; they are other people's recipes, and differences under a point mean nothing.

/** A model to start from. */
export interface Start {
  /** What `--model` takes. */
  name: string;
  /** On the hub. */
  repository: string;
  /** Millions of weights, and of them those in layers: embeddings cost memory, layers cost time. */
  weights: number;
  layerWeights: number;
  /** Percent, on the set of questions that `of` names. */
  exact?: number;
  f1: number;
  of: 'SQuAD 1.1' | 'SQuAD 2.0' | 'SQuAD 2.0, answerable';
  languages: string;
}

const V1 = 'SQuAD 1.1';
const V2 = 'SQuAD 2.0';
const english = 'English';
const hundred = 'about 100';

export const STARTS: Start[] = [
  { name: 'squad-small', repository: 'deepset/minilm-uncased-squad2', weights: 33, layerWeights: 21, exact: 76.2, f1: 79.6, of: V2, languages: english }, // prettier-ignore
  { name: 'squad-distilled', repository: 'distilbert/distilbert-base-cased-distilled-squad', weights: 65, layerWeights: 43, f1: 87.1, of: V1, languages: english }, // prettier-ignore
  { name: 'squad-medium', repository: 'deepset/tinyroberta-squad2', weights: 82, layerWeights: 43, exact: 78.9, f1: 82, of: V2, languages: english }, // prettier-ignore
  { name: 'squad-base', repository: 'deepset/roberta-base-squad2', weights: 125, layerWeights: 85, exact: 79.9, f1: 83, of: V2, languages: english }, // prettier-ignore
  { name: 'squad-best', repository: 'deepset/deberta-v3-base-squad2', weights: 184, layerWeights: 85, exact: 83.8, f1: 87.4, of: V2, languages: english }, // prettier-ignore
  { name: 'multilingual', repository: 'deepset/xlm-roberta-base-squad2', weights: 278, layerWeights: 85, exact: 74, f1: 77.2, of: V2, languages: hundred }, // prettier-ignore
  { name: 'multilingual-best', repository: 'timpal0l/mdeberta-v3-base-squad2', weights: 276, layerWeights: 85, exact: 79.7, f1: 85.9, of: 'SQuAD 2.0, answerable', languages: hundred }, // prettier-ignore
];

/** The start of that name. */
export function startNamed(name: string): Start | undefined {
  return STARTS.find((start) => start.name === name);
}

/** Bytes that training takes for weights, gradients and two moments, each of four bytes; what a batch needs comes on top. */
export function trainingMemory({ weights }: Pick<Start, 'weights'>): number {
  return weights * 1e6 * 4 * 4;
}

/** What the workshop's encoder takes for 100 questions of about 170 tokens and 8 epochs (bench/freeze.ts), and its layers' weights. */
const MEASURED = { minutes: 3, layerWeights: 10.6 };

/** Minutes for the same on two processor cores, estimated from those of the workshop's encoder: time goes with the layers' weights. */
export function estimatedMinutes({ layerWeights }: Pick<Start, 'layerWeights'>): number {
  return (MEASURED.minutes * layerWeights) / MEASURED.layerWeights;
}
