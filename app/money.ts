import { numberFormat } from './intl.ts';

// Money is integer minor units; people read and type decimals. Every conversion is string arithmetic, never floats.
// The exponents are ISO 4217's, as in the ledger's currency table; Intl's own differ for some currencies.

const WITHOUT_MINOR_UNIT: ReadonlySet<string> = new Set(
  'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' '),
);
const THOUSANDTHS: ReadonlySet<string> = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

/** Offered first where a currency is chosen; any other ISO code may be typed. */
export const COMMON_CURRENCIES = ['USD', 'EUR', 'GBP', 'CAD', 'AUD', 'CHF', 'JPY', 'SEK', 'NOK', 'DKK', 'PLN', 'INR'];

export function exponentOf(currency: string): number {
  if (WITHOUT_MINOR_UNIT.has(currency)) return 0;
  return THOUSANDTHS.has(currency) ? 3 : 2;
}

/** 12500 with exponent 2 is "125.00". */
export function toDecimal(minorUnits: number | bigint, exponent: number): string {
  const digits = BigInt(minorUnits).toString();
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.slice(sign.length).padStart(exponent + 1, '0');
  if (exponent === 0) return sign + padded;
  return `${sign}${padded.slice(0, -exponent)}.${padded.slice(-exponent)}`;
}

/** With its currency: "$125.00". */
export function formatMoney(minorUnits: number | bigint, currency: string, locale: string): string {
  return format(minorUnits, currency, locale, { style: 'currency', currency });
}

/** Without its currency, for columns whose head names it: "125.00". */
export function formatAmount(minorUnits: number | bigint, currency: string, locale: string): string {
  return format(minorUnits, currency, locale, {});
}

function format(minorUnits: number | bigint, currency: string, locale: string, options: Intl.NumberFormatOptions) {
  const exponent = exponentOf(currency);
  const decimal = toDecimal(minorUnits, exponent) as Intl.StringNumericLiteral;
  const digits = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  return numberFormat(locale, { ...options, ...digits }).format(decimal);
}

/**
 * What a person typed, in minor units. Reads the separators of the tenant's language, and a plain decimal point.
 * Refuses what could be read in two ways, and more decimals than the currency has.
 */
export function parseAmount(typed: string, currency: string, locale: string): { amount: bigint } | { error: string } {
  const decimal = plainDecimal(typed, locale);
  if (decimal === null) return { error: 'must be an amount like 125.00' };
  const [whole = '', fraction = ''] = decimal.split('.');
  const exponent = exponentOf(currency);
  if (fraction.length > exponent) {
    const allowed = exponent === 0 ? 'no decimals' : `at most ${exponent} decimals`;
    return { error: `can have ${allowed} in ${currency}` };
  }
  const amount = BigInt(whole + fraction.padEnd(exponent, '0'));
  if (amount < 1n) return { error: 'must be more than zero' };
  if (amount > 9_999_999_999_999n) return { error: 'is larger than one line may be' };
  return { amount };
}

function plainDecimal(typed: string, locale: string): string | null {
  const text = typed.replace(/[\s\u00a0\u202f'’]/g, '');
  const usesComma = numberFormat(locale).format(1.5).includes(',');
  const own = usesComma ? /^(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$/ : /^(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/;
  if (own.test(text)) return usesComma ? text.replaceAll('.', '').replace(',', '.') : text.replaceAll(',', '');
  return /^\d+\.\d+$/.test(text) ? text : null;
}
