// Every family that is known; CONTRIBUTING.md tells how one is added.
import type { AnyFamily } from '../family';
import { albert } from './albert';
import { bert, electra } from './bert';
import { deberta } from './deberta';
import { distilbert } from './distilbert';
import { modernbert } from './modernbert';
import { mpnet } from './mpnet';
import { rembert } from './rembert';
import { roberta } from './roberta';

export const FAMILIES: AnyFamily[] = [bert, distilbert, electra, roberta, mpnet, albert, deberta, modernbert, rembert];

/** The family of a `model_type`, if it is known. */
export function familyOf(type: unknown): AnyFamily | undefined {
  return FAMILIES.find(({ classNames }) => typeof type === 'string' && Object.hasOwn(classNames, type));
}
