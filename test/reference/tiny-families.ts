// The tiny models that test/reference/model.py writes, one for each family and each of its forms.
import path from 'node:path';

/** The folder that they are in. */
export const TINY = path.join(__dirname, 'tiny');

export const TINY_FAMILIES = [
  'bert',
  'distilbert',
  'electra',
  'electra-small',
  'roberta',
  'xlm-roberta',
  'camembert',
  'mpnet',
  'albert',
  'deberta-v2',
  'modernbert',
  'rembert',
];
