// Which lines of a statement and of the ledger belong together. Pure: open lines and rules in, suggestions out.
import type { Rule } from '../contexts/statement/schemas.ts';

/** Amounts are signed minor units; dates `YYYY-MM-DD`. */
export type OpenStatementLine = {
  id: string;
  date: string;
  amount: number;
  description: string;
  reference: string | null;
};
export type OpenLedgerLine = {
  journal_id: string;
  position: number;
  effective_date: string;
  amount: number;
  memo: string | null;
  external_id: string | null;
};

/** `score` from 0 to 1; `difference` is what the ledger lines lack to the statement's. */
export type Suggestion<Ledger extends OpenLedgerLine = OpenLedgerLine> = {
  rule: Rule['match'];
  score: number;
  reasons: string[];
  statement_lines: OpenStatementLine[];
  ledger_lines: Ledger[];
  difference: number;
};

/** Shorter references are found in other texts by chance. */
const SHORTEST_REFERENCE = 4;
/** Of lines that are alike, so many are looked at for one line. */
const MOST_ALIKE = 20;
const DAY_MS = 86_400_000;

const dayOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
const daysApart = (left: string, right: string) => Math.abs(dayOf(left) - dayOf(right));
const clean = (text: string | null) => (text ?? '').trim().replace(/\s+/g, ' ').toUpperCase();
const total = (lines: readonly { amount: number }[]) => lines.reduce((sum, { amount }) => sum + amount, 0);
const rounded = (score: number) => Math.round(Math.max(0, Math.min(1, score)) * 1000) / 1000;

function groupBy<T>(items: readonly T[], keysOf: (item: T) => readonly (string | number)[]): Map<string | number, T[]> {
  const groups = new Map<string | number, T[]>();
  for (const item of items) {
    for (const key of new Set(keysOf(item))) {
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  }
  return groups;
}

/** What a ledger line may be called on a statement. */
function namesOf({ external_id, memo }: OpenLedgerLine): string[] {
  return [clean(external_id), clean(memo)].filter((name) => name.length >= SHORTEST_REFERENCE);
}

function referenceOf({ reference }: OpenStatementLine): string[] {
  const name = clean(reference);
  return name.length >= SHORTEST_REFERENCE ? [name] : [];
}

const daysText = (days: number) => (days === 0 ? 'same day' : days === 1 ? 'one day apart' : `${days} days apart`);

type Lines = { statement: readonly OpenStatementLine[]; ledger: readonly OpenLedgerLine[] };
type RuleOf<M extends Rule['match']> = Extract<Rule, { match: M }>;

function byReference({ statement, ledger }: Lines, { days, tolerance }: RuleOf<'reference'>): Suggestion[] {
  const named = groupBy(ledger, namesOf);
  return statement.flatMap((line) => {
    const own = referenceOf(line);
    const words = clean(line.description)
      .split(/[\s,;:/]+/)
      .filter((word) => word.length >= SHORTEST_REFERENCE + 2);
    return [...own, ...words.filter((word) => !own.includes(word))].flatMap((name) =>
      (named.get(name) ?? []).slice(0, MOST_ALIKE).flatMap((candidate): Suggestion[] => {
        const difference = line.amount - candidate.amount;
        const apart = daysApart(line.date, candidate.effective_date);
        if (Math.abs(difference) > (tolerance ?? 0) || apart > days) return [];
        const isOwn = own.includes(name);
        return [
          {
            rule: 'reference',
            score: rounded((isOwn ? 1 : 0.95) - (difference === 0 ? 0 : 0.08)),
            reasons: [
              isOwn ? `reference ${name}` : `${name} in the description`,
              amountText(difference),
              daysText(apart),
            ],
            statement_lines: [line],
            ledger_lines: [candidate],
            difference,
          },
        ];
      }),
    );
  });
}

const amountText = (difference: number) => (difference === 0 ? 'same amount' : 'amount within the tolerance');

/** A pair that is the only one of its amount is almost certain; among several, the nearer days tell, never alone enough. */
function byAmount({ statement, ledger }: Lines, { days, tolerance }: RuleOf<'amount'>): Suggestion[] {
  const most = tolerance ?? 0;
  const amounts = [...ledger].sort((left, right) => left.amount - right.amount);
  const near = (amount: number) => {
    const found: OpenLedgerLine[] = [];
    for (let index = lowerBound(amounts, amount - most); index < amounts.length; index += 1) {
      const candidate = amounts[index]!;
      if (candidate.amount > amount + most) break;
      found.push(candidate);
    }
    return found;
  };
  const sameAmount = groupBy(statement, ({ amount }) => [amount]);
  return statement.flatMap((line) => {
    const candidates = near(line.amount).filter(({ effective_date: date }) => daysApart(line.date, date) <= days);
    const rivals = (sameAmount.get(line.amount) ?? []).filter(({ date }) => daysApart(line.date, date) <= days);
    const isOnly = candidates.length === 1 && rivals.length === 1;
    return candidates
      .sort((left, right) => daysApart(line.date, left.effective_date) - daysApart(line.date, right.effective_date))
      .slice(0, MOST_ALIKE)
      .map((candidate) => {
        const difference = line.amount - candidate.amount;
        const apart = daysApart(line.date, candidate.effective_date);
        const isTwin = isInterchangeable(line, candidate, rivals, candidates);
        const start = isOnly ? 0.92 : isTwin ? 0.86 : 0.6;
        const company = isOnly ? 'the only such pair' : isTwin ? 'as many on either side that day' : 'one of several';
        return {
          rule: 'amount' as const,
          score: rounded(start - 0.02 * apart - (difference === 0 ? 0 : 0.1)),
          reasons: [amountText(difference), daysText(apart), company],
          statement_lines: [line],
          ledger_lines: [candidate],
          difference,
        };
      });
  });
}

/** Three of 10.00 on one day and three in the ledger on the same: which goes with which does not matter. */
function isInterchangeable(
  line: OpenStatementLine,
  candidate: OpenLedgerLine,
  rivals: readonly OpenStatementLine[],
  candidates: readonly OpenLedgerLine[],
): boolean {
  if (line.date !== candidate.effective_date || line.amount !== candidate.amount) return false;
  const statementCount = rivals.filter(({ date }) => date === line.date).length;
  const ledgerCount = candidates.filter(
    ({ effective_date: date, amount }) => date === line.date && amount === line.amount,
  ).length;
  return statementCount === ledgerCount;
}

function lowerBound(sorted: readonly { amount: number }[], amount: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.amount < amount) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Several ledger lines that make one statement line: those with its reference, or all of one day before it. */
function byLedgerGroup({ statement, ledger }: Lines, { by, days }: RuleOf<'ledger_group'>): Suggestion[] {
  const groups = groupBy(ledger, (line) => (by === 'reference' ? namesOf(line) : [dayOf(line.effective_date)]));
  const sums = new Map([...groups].map(([key, lines]) => [key, total(lines)]));
  return statement.flatMap((line) => {
    const day = dayOf(line.date);
    const keys = by === 'reference' ? referenceOf(line) : Array.from({ length: days + 1 }, (_, before) => day - before);
    return keys.flatMap((key): Suggestion[] => {
      const lines = groups.get(key) ?? [];
      if (lines.length < 2 || sums.get(key) !== line.amount) return [];
      const apart = Math.max(...lines.map(({ effective_date: date }) => daysApart(line.date, date)));
      if (apart > days) return [];
      return [
        {
          rule: 'ledger_group',
          score: rounded(by === 'reference' ? 0.97 : 0.9 - 0.01 * apart),
          reasons: [
            by === 'reference' ? `all ${lines.length} lines of ${key}` : `all ${lines.length} lines of the day`,
            'same sum',
            daysText(apart),
          ],
          statement_lines: [line],
          ledger_lines: lines,
          difference: 0,
        },
      ];
    });
  });
}

/** Several statement lines, of one reference or one day, that make one ledger line. */
function byStatementGroup({ statement, ledger }: Lines, { by, days }: RuleOf<'statement_group'>): Suggestion[] {
  const groups = groupBy(statement, (line) => (by === 'reference' ? referenceOf(line) : [dayOf(line.date)]));
  const amounts = groupBy(ledger, ({ amount }) => [amount]);
  return [...groups].flatMap(([key, lines]) => {
    if (lines.length < 2) return [];
    const candidates = (amounts.get(total(lines)) ?? []).filter((candidate) =>
      lines.every(({ date }) => daysApart(date, candidate.effective_date) <= days),
    );
    return candidates.slice(0, MOST_ALIKE).map((candidate) => {
      const isNamed = by === 'reference' && namesOf(candidate).includes(String(key));
      const start = isNamed ? 0.97 : candidates.length === 1 ? 0.86 : 0.6;
      return {
        rule: 'statement_group' as const,
        score: rounded(start),
        reasons: [
          by === 'reference' ? `all ${lines.length} lines of ${key}` : `all ${lines.length} lines of the day`,
          isNamed ? 'same reference and sum' : 'same sum',
        ],
        statement_lines: lines,
        ledger_lines: [candidate],
        difference: 0,
      };
    });
  });
}

function suggestionsOf(lines: Lines, rule: Rule): Suggestion[] {
  switch (rule.match) {
    case 'reference':
      return byReference(lines, rule);
    case 'amount':
      return byAmount(lines, rule);
    case 'ledger_group':
      return byLedgerGroup(lines, rule);
    case 'statement_group':
      return byStatementGroup(lines, rule);
  }
}

const keyOf = ({ journal_id, position }: OpenLedgerLine) => `${journal_id}/${position}`;

/**
 * All suggestions of all rules, the likeliest first; of those with one score, in the order of the rules. Lines are handed
 * through as they were given.
 */
export function suggest<Ledger extends OpenLedgerLine>(
  lines: { statement: readonly OpenStatementLine[]; ledger: readonly Ledger[] },
  rules: readonly Rule[],
): Suggestion<Ledger>[] {
  const all = rules.flatMap((rule, order) => suggestionsOf(lines, rule).map((suggestion) => ({ suggestion, order })));
  const seen = new Set<string>();
  return all
    .sort((left, right) => right.suggestion.score - left.suggestion.score || left.order - right.order)
    .map(({ suggestion }) => suggestion)
    .filter(({ statement_lines, ledger_lines }) => {
      const key = [...statement_lines.map(({ id }) => id).sort(), ...ledger_lines.map(keyOf).sort()].join(' ');
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    }) as Suggestion<Ledger>[];
}

/**
 * Of suggestions, likeliest first, those that can all be true: no line twice, none below the score.
 */
export function choose(suggestions: readonly Suggestion[], minimumScore: number): Suggestion[] {
  const used = new Set<string>();
  return suggestions.filter(({ score, statement_lines, ledger_lines }) => {
    const keys = [...statement_lines.map(({ id }) => id), ...ledger_lines.map(keyOf)];
    if (score < minimumScore || keys.some((key) => used.has(key))) return false;
    for (const key of keys) used.add(key);
    return true;
  });
}
