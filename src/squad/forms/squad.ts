// SQuAD v1.1 and v2.0 with everything that its relatives changed: ids of another type, lists at the top, answers that are one object.
import { isObject } from '../loose';
import { toSquad } from '../write';
import type { Form } from './form';
import { listOfQuestions, nestedQuestions } from './nested';

export const squad: Form = {
  name: 'squad',
  title: 'SQuAD v1.1 and v2.0, and what was modelled on it (Haystack and deepset exports, cdQA, simpletransformers, DRCD, ARCD, TQuAD, …)', // prettier-ignore
  matches: ({ value }, names) => {
    const fields = names.standard(value);
    if (Array.isArray(fields.paragraphs)) return fields.paragraphs.length === 0 || fields.paragraphs.some((one) => !isObject(one) || 'qas' in one || 'context' in one || listOfQuestions(names.standard(one)) !== undefined); // prettier-ignore
    return 'qas' in fields || 'paragraphs' in fields || listOfQuestions(fields)?.some(isObject) === true;
  },
  questions: nestedQuestions,
  write: (records) => `${JSON.stringify(toSquad(records), null, 1)}\n`,
  ending: 'json',
};
