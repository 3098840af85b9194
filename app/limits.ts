import { exponentOf, parseAmount, toDecimal } from './money.ts';

/** A limit as a person types it, in minor units: empty is none, zero and less than zero are allowed. */
export function parseLimit(
  typed: string,
  currency: string,
  locale: string,
): { limit: number | null } | { error: string } {
  const text = typed.trim().replace(/^[−–]/, '-');
  if (text === '') return { limit: null };
  if (/^-?0+([.,]0*)?$/.test(text)) return { limit: 0 };
  const isNegative = text.startsWith('-');
  const parsed = parseAmount(isNegative ? text.slice(1) : text, currency, locale);
  if ('error' in parsed) return parsed;
  return { limit: isNegative ? -Number(parsed.amount) : Number(parsed.amount) };
}

/** A limit as its field shows it. */
export function limitText(limit: number | null, currency: string): string {
  return limit === null ? '' : toDecimal(limit, exponentOf(currency));
}
