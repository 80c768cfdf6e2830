// Real words of ninety languages, from what JavaScript itself knows: names of countries, languages, scripts, months and units.

export const LOCALES = 'af am ar as az be bg bn bo br bs ca cs cy da de dz el en eo es et eu fa ff fi fil fo fr fy ga gd gl gu ha he hi hr hu hy id ig is it ja ka kk km kn ko ky lb lo lt lv mk ml mn mr ms mt my ne nl nn no or pa pl ps pt ro ru rw sa sd se si sk sl so sq sr sv sw ta te tg th ti tk tr tt ug uk ur uz vi wo xh yi yo zh zh-Hant zu'.split(' '); // prettier-ignore
const REGIONS = 'DE FR IT ES GB US CN JP KR IN BR MX EG NG ZA RU UA PL SE FI GR TR IR IL SA TH VN ID PH AU'.split(' ');
const LANGUAGES = 'de fr it es en zh ja ko hi pt ar ru uk pl sv fi el tr fa he th vi id'.split(' ');
const DATES = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2024, month, 3 + month, 15, 7)));

/** Sentences of one language: names, a date in words, a sum of money, a number of kilometres. */
export function sentences(locale: string): string[] {
  const [regions, languages] = (['region', 'language'] as const).map(
    (type) => new Intl.DisplayNames([locale], { type, fallback: 'code' }),
  );
  const list = new Intl.ListFormat(locale);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' });
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' });
  const distance = new Intl.NumberFormat(locale, { style: 'unit', unit: 'kilometer', unitDisplay: 'long' });
  return DATES.map((day, i) => {
    const names = [regions.of(REGIONS[2 * i])!, regions.of(REGIONS[2 * i + 1])!, languages.of(LANGUAGES[i])!];
    return `${list.format(names)} — ${date.format(day)}: ${money.format(1234.5 * i)} (${distance.format(17 * i)})`;
  });
}

/** All sentences of all languages, made once. */
export const multilingual: string[] = LOCALES.flatMap(sentences);
