// The real 30522 word vocabulary that the tests tokenize with: the workshop's encoder, fetched once, then on disk.
import { Tokenizer } from '../../src/tokens/tokenizer';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';

export const BACKENDS = ['native', 'typescript'] as const;

/** A folder with tokenizer.json, tokenizer_config.json and vocab.txt. */
export function vocabularyFolder(): Promise<string> {
  return ensureWorkshopEncoder();
}

export async function loadTokenizer(backend: (typeof BACKENDS)[number] = 'native'): Promise<Tokenizer> {
  return Tokenizer.fromFolder(await vocabularyFolder(), backend);
}
