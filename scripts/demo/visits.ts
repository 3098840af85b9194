import { plusDays, weekdayOf } from './days.ts';
import type { BusinessPlan } from './network.ts';
import type { Random } from './random.ts';

export type Outcome = 'booked' | 'completed' | 'cancelled' | 'no_show';
export type Method = 'cash' | 'bank_transfer' | 'card_terminal';

/** What happens to one customer on one day. Days and times are the merchant's own. */
export type VisitPlan = {
  readonly day: string;
  readonly time: string;
  readonly provider: number;
  readonly customer: number;
  /** The place of a service; null is the package. */
  readonly service: number | null;
  readonly outcome: Outcome;
  readonly isCancelledLate: boolean;
  readonly daysAhead: number;
  readonly hasDeposit: boolean;
  readonly method: Method;
  readonly isPaid: boolean;
  readonly tipPercent: number;
  /** Of what was paid: a part, all, or nothing is given back. */
  readonly refund: 'part' | 'whole' | null;
};

/** Starts that leave time for the longest service, within the hours of every provider. */
const TIMES = ['09:00', '10:30', '12:00', '13:30', '15:00', '16:30'];
/** Out of a hundred visits. */
const OUTCOMES: readonly (readonly [Outcome, number])[] = [
  ['no_show', 6],
  ['cancelled', 17],
  ['completed', 100],
];

/** Visits of the days from `from` to `until`, in their order; nobody is wanted twice at a time. What is not over by `today` is booked. */
export function visitsOf(
  plan: BusinessPlan,
  { from, until, today, count }: { from: string; until: string; today: string; count: number },
  random: Random,
): VisitPlan[] {
  const days = workingDays(from, until);
  // The diary of these days is the fullest.
  const soon = days.filter((day) => day >= today).slice(0, 2);
  days.push(...soon, ...soon);
  const taken = new Set<string>();
  const visits: VisitPlan[] = [];
  for (let each = 0; each < count && days.length > 0; each += 1) {
    const visit = visitOf(plan, random.of(days), today, random);
    const place = `${visit.day} ${visit.time} ${visit.provider}`;
    if (!taken.has(place)) visits.push(visit);
    taken.add(place);
  }
  return visits.sort((one, other) =>
    one.day + one.time + one.provider < other.day + other.time + other.provider ? -1 : 1,
  );
}

function workingDays(from: string, until: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= until; day = plusDays(day, 1)) if (weekdayOf(day) < 7) days.push(day);
  return days;
}

function visitOf(plan: BusinessPlan, day: string, today: string, random: Random): VisitPlan {
  const drawn = random.below(100);
  const outcome = OUTCOMES.find(([, below]) => drawn < below)![0];
  const service = random.below(plan.services.length + 1);
  return {
    day,
    time: random.of(TIMES),
    provider: random.below(plan.providers.length),
    customer: random.below(plan.customers.length),
    service: service === plan.services.length ? null : service,
    outcome: day < today ? outcome : 'booked',
    isCancelledLate: random.percent(40),
    daysAhead: 3 + random.below(12),
    hasDeposit: plan.asksForDeposits === true && random.percent(45),
    method: random.percent(60) ? 'card_terminal' : random.of(['cash', 'bank_transfer']),
    // What is owed for weeks is the exception.
    isPaid: !random.percent(day < plusDays(today, -45) ? 1 : 8),
    tipPercent: random.percent(40) ? random.of([10, 15, 20]) : 0,
    refund: random.percent(4) ? random.of(['part', 'whole'] as const) : null,
  };
}
