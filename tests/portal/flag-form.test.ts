import { expect, test } from 'vitest';
import { flagValues, mistakenAttributes, readFlag, readFlagForm } from '../../app/flag-form.ts';
import type { FeatureFlag } from '../../server/contexts/feature-flag/schemas.ts';

const IDS = ['0190a0a0-0000-7000-8000-000000000001', '0190a0a0-0000-7000-8000-000000000002'];

test('saving the form of a flag as it is changes nothing: values with commas, and the order of the shares', () => {
  const shares = [
    { variant: 'few', percent: 12.5 },
    { variant: 'none', percent: 87.5 },
  ];
  const served = {
    name: 'Tips',
    description: null,
    off_variant: 'none',
    variants: [
      { name: 'few', value: { shares: [10, 15] } },
      { name: 'none', value: {} },
    ],
    rollout: shares,
    rules: [
      {
        name: null,
        conditions: [{ attribute: 'city', operator: 'in' as const, values: ['Bath, Maine', 'Rye'] }],
        serve: shares,
      },
      {
        name: 'Some',
        conditions: [
          { attribute: 'tier', operator: 'in' as const, values: ['gold'] },
          { attribute: 'merchant_id', operator: 'in' as const, values: IDS },
        ],
        serve: [{ variant: 'few', percent: 100 }],
      },
      { name: 'New', conditions: [{ attribute: 'tier', operator: 'exists' as const, values: [] }], serve: shares },
      {
        name: 'No ids',
        conditions: [{ attribute: 'merchant_id', operator: 'in' as const, values: ['pine hair', '', 'pine hair'] }],
        serve: shares,
      },
    ],
  };
  const flag: FeatureFlag = {
    ...served,
    variants: served.variants.toReversed(),
    id: '0190a0a0-0000-7000-8000-000000000000',
    key: 'tips',
    type: 'object',
    is_enabled: true,
    is_built_in: false,
    archived_at: null,
    version: 1,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  };
  const form = new FormData();
  for (const [name, value] of Object.entries(flagValues(flag))) form.set(name, value);
  expect(readFlag(readFlagForm(form))).toEqual(served);
});

test('an attribute that is easily taken for the merchant is told, and no other', () => {
  const names = [
    'merchant',
    'Merchant',
    'merchantId',
    'merchant_id',
    'merchant_name',
    'tier',
    'merchant',
    'merchant_tier',
  ];
  expect(mistakenAttributes(names)).toEqual(['merchant', 'Merchant', 'merchantId', 'merchant_name']);
});

test('a share without its variant is not dropped: the operation has it to refuse', () => {
  const form = new FormData();
  const fields = { rules: '1', 'rules.0.lines': '1', 'rules.0.shares': '2', 'rules.0.serve.0.variant': 'on' };
  for (const [name, value] of Object.entries({ ...fields, 'rules.0.serve.1.percent': '50' })) form.set(name, value);
  expect(readFlag(readFlagForm(form)).rules).toMatchObject([
    {
      serve: [
        { variant: 'on', percent: 100 },
        { variant: '', percent: 50 },
      ],
    },
  ]);
});
