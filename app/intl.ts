// Formatters are costly to make (a page shows hundreds of dates and amounts) and the same for everybody who asks alike:
// a pure function of locale and options, so remembering them holds nothing of any tenant.

const LARGEST = 200;
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const numberFormats = new Map<string, Intl.NumberFormat>();

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found) return found;
  if (known.size >= LARGEST) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}

export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return remembered(dateFormats, locale + JSON.stringify(options), () => new Intl.DateTimeFormat(locale, options));
}

export function numberFormat(locale: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return remembered(numberFormats, locale + JSON.stringify(options), () => new Intl.NumberFormat(locale, options));
}
