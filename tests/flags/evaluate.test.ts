import { describe, expect, test } from 'vitest';
import { BUCKETS, bucketOf, decide, type Flag } from '../../server/flags/evaluate.ts';
import { flag, share, when } from '../support/flags.ts';

describe('a percentage', () => {
  const keys = Array.from({ length: 100_000 }, (_, at) => `person-${at}`);
  const taken = (of: Flag) => keys.filter((targetingKey) => decide(of, { targetingKey }).variant === 'on');

  test('takes in its share of 100,000 keys within 1 %, always the same ones', () => {
    for (const percent of [1, 30, 50]) {
      const members = taken(flag({ rollout: share(percent) }));
      expect(Math.abs(members.length / 1_000 - percent)).toBeLessThan(1);
    }
    const again = flag({ rollout: share(30) });
    expect(taken(again)).toEqual(taken(structuredClone(again)));
  });

  test('that rises takes nobody out', () => {
    const [fewer, more] = [taken(flag({ rollout: share(10) })), new Set(taken(flag({ rollout: share(10.5) })))];
    expect(fewer.every((key) => more.has(key))).toBe(true);
    expect(more.size).toBeGreaterThan(fewer.length);
  });

  test('takes other keys of another flag, and falls into every part of the buckets', () => {
    const [first, second] = [flag(), flag({ key: 'deposits' })];
    const same = keys.filter((key) => bucketOf(first, key) < BUCKETS / 2 === bucketOf(second, key) < BUCKETS / 2);
    expect(Math.abs(same.length / keys.length - 0.5)).toBeLessThan(0.01);
    const tenths = new Set(keys.map((key) => Math.floor((bucketOf(first, key) * 10) / BUCKETS)));
    expect(tenths.size).toBe(10);
  });

  test('of nothing and of everything needs nobody to go by', () => {
    expect(decide(flag({ rollout: share(0) }), {}).variant).toBe('off');
    expect(decide(flag({ rollout: share(100) }), {}).variant).toBe('on');
  });
});

describe('a rule', () => {
  const matches = (condition: ReturnType<typeof when>, context: object) => {
    const rules = [{ conditions: [condition], serve: [{ variant: 'off', percent: 100 }] }] as Flag['rules'];
    return decide(flag({ rules }), { ...context }).by === 'rule';
  };

  test.each([
    ['in', ['gold', 'silver'], { tier: 'silver' }, { tier: 'Silver' }],
    ['in', ['true'], { tier: true }, { tier: false }],
    ['in', ['gold'], { tier: ['new', 'gold'] }, { tier: ['new'] }],
    ['not_in', ['gold'], { tier: 'silver' }, { tier: 'gold' }],
    ['not_in', ['gold'], {}, { tier: ['gold', 'new'] }],
    ['starts_with', ['go'], { tier: 'gold' }, { tier: 'ago' }],
    ['ends_with', ['ld'], { tier: 'gold' }, { tier: 'golds' }],
    ['contains', ['ol'], { tier: 'gold' }, {}],
    ['greater_than', ['9'], { tier: 10 }, { tier: 9 }],
    ['greater_than', ['-1'], { tier: '0' }, { tier: '' }],
    ['less_than', ['9'], { tier: 8.5 }, { tier: 'few' }],
    ['exists', [], { tier: '' }, { tier: null }],
    ['not_exists', [], {}, { tier: 0 }],
  ])('whose condition is %s %j holds for %j and not for %j', (operator, values, yes, no) => {
    expect(matches(when('tier', operator, ...values), yes)).toBe(true);
    expect(matches(when('tier', operator, ...values), no)).toBe(false);
  });

  test('finds attributes inside others, and nothing that was not given', () => {
    expect(matches(when('plan.tier', 'in', 'gold'), { plan: { tier: 'gold' } })).toBe(true);
    for (const inherited of ['constructor', '__proto__', 'plan.constructor', 'toString.name']) {
      expect(matches(when(inherited, 'exists'), { plan: {} })).toBe(false);
    }
  });
});
