// All forms, the narrower before the wider: the first one that fits a file's records reads it.
import { cmrc } from './cmrc';
import { doccano } from './doccano';
import type { Form } from './form';
import { korquad } from './korquad';
import { labelStudio } from './label-studio';
import { mrqa } from './mrqa';
import { mturk } from './mturk';
import { naturalQuestions } from './natural-questions';
import { prodigy } from './prodigy';
import { rows, table } from './rows';
import { squad } from './squad';

export const FORMS: readonly Form[] = [
  ...[mrqa, korquad, cmrc, squad, naturalQuestions, labelStudio, prodigy, doccano],
  ...[mturk, table, rows],
];
