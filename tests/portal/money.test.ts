import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exponentOf, formatAmount, formatMoney, parseAmount, toDecimal } from '../../app/money.ts';

const CURRENCIES = ['USD', 'JPY', 'KWD', 'EUR', 'HUF', 'IQD', 'ISK'];

test('every currency has the exponent that the ledger gives it', () => {
  const file = resolve(import.meta.dirname, '../../tenants/migrations/0003-ledger.sql');
  const [table = ''] = /INSERT INTO currencies[\s\S]*?;/.exec(readFileSync(file, 'utf8')) ?? [];
  const groups = table.split('UNION ALL');
  expect(groups).toHaveLength(3);
  for (const group of groups) {
    const exponent = Number(/SELECT code, (\d)/.exec(group)?.[1]);
    const codes = group.match(/\b[A-Z]{3}\b(?=[ '])/g)?.filter((code) => code !== 'ALL' || exponent === 2) ?? [];
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(exponentOf(code), code).toBe(exponent);
  }
});

test('what is shown can be typed again and is the same amount, in every language and currency', () => {
  const amounts = fc.bigInt({ min: 1n, max: 9_999_999_999_999n });
  const locales = fc.constantFrom('en-US', 'en-GB', 'de-DE', 'de-CH', 'fr-FR', 'sv-SE', 'pt-BR', 'ja-JP');
  fc.assert(
    fc.property(amounts, fc.constantFrom(...CURRENCIES), locales, (amount, currency, locale) => {
      expect(parseAmount(formatAmount(amount, currency, locale), currency, locale)).toEqual({ amount });
    }),
  );
});

test('a plain decimal point is read in every language', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 9_999_999_999_999n }),
      fc.constantFrom('en-US', 'de-DE'),
      (amount, locale) => {
        expect(parseAmount(toDecimal(amount, 2), 'USD', locale)).toEqual({ amount });
      },
    ),
  );
});

describe('an amount is refused', () => {
  test.each([
    ['1.234', 'USD', 'en-US', 'can have at most 2 decimals in USD'],
    ['1.5', 'JPY', 'en-US', 'can have no decimals in JPY'],
    ['1.2345', 'KWD', 'en-US', 'can have at most 3 decimals in KWD'],
    ['0.00', 'USD', 'en-US', 'must be more than zero'],
    ['-5', 'USD', 'en-US', 'must be an amount like 125.00'],
    ['1e3', 'USD', 'en-US', 'must be an amount like 125.00'],
    ['1,25', 'USD', 'en-US', 'must be an amount like 125.00'],
    ['1,2,3', 'USD', 'en-US', 'must be an amount like 125.00'],
    ['١٢', 'USD', 'en-US', 'must be an amount like 125.00'],
    ['$5', 'USD', 'en-US', 'must be an amount like 125.00'],
    ['100,000,000,000.00', 'USD', 'en-US', 'is larger than one line may be'],
  ])('%s %s in %s', (typed, currency, locale, error) => {
    expect(parseAmount(typed, currency, locale)).toEqual({ error });
  });
});

test('amounts beyond what a float can hold are shown exactly', () => {
  expect(formatMoney(9_007_199_254_740_993n, 'USD', 'en-US')).toBe('$90,071,992,547,409.93');
  expect(formatMoney(-5, 'USD', 'en-US')).toBe('-$0.05');
  expect(formatMoney(125, 'JPY', 'en-US')).toBe('¥125');
  expect(formatMoney(1234, 'IQD', 'en-US')).toContain('1.234');
});
