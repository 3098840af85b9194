import type { Flag } from '../../server/flags/evaluate.ts';

/** A flag that is on for everybody. */
export const flag = (more: Partial<Flag> = {}): Flag => ({
  key: 'tips',
  type: 'boolean',
  variants: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  rollout: [{ variant: 'on', percent: 100 }],
  rules: [],
  is_enabled: true,
  off_variant: 'off',
  salt: 'b7f0a0a4-6f0e-4f5e-9d1f-0a5b7c9d1e2f',
  version: 1,
  merchants: {},
  ...more,
});

/** So many percent on, the others off. */
export const share = (percent: number) => [
  { variant: 'on', percent },
  { variant: 'off', percent: 100 - percent },
];

export const when = (attribute: string, operator: string, ...values: string[]) => ({ attribute, operator, values });
