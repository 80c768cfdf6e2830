// An error that a cell gives, rather than throws, as an error.
import { toFailure } from '../failure/failure';
import type { Bundle } from './forms';

export function renderError(error: Error): Bundle {
  const { traceback } = toFailure(error);
  const text = traceback.join('\n');
  return { 'application/vnd.jupyter.error': text, 'text/plain': text };
}
