// What people write for true and false, and spreadsheets in other languages.
const TRUE =
  /^(?:true|1|1\.0|1,0|yes|y|t|wahr|ja|vrai|oui|verdadero|verdadeiro|vero|s[ií]|sim|waar|sant|sand|prawda|tak|правда|истина|да|doğru|evet|真|참)$/iu;
const FALSE =
  /^(?:false|0|0\.0|0,0|no|n|f|falsch|nein|faux|non|falso|não|onwaar|nee|falskt|falsk|nej|nei|fałsz|nie|ложь|нет|yanl[ıi]ş|hay[ıi]r|假|거짓)$/iu;

/** @returns nothing for what is neither. @example truth('WAHR') // true */
export function truth(value: unknown): boolean | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return TRUE.test(text) ? true : FALSE.test(text) ? false : undefined;
}
