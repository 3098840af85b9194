import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accentsOf, contrast } from '../../app/brand-colours.ts';
import { expectProblem } from '../support/door.ts';
import { type Site, startSite, type TestTenant } from '../support/tenant.ts';

let site: Site;
let tenant: TestTenant;

beforeAll(async () => {
  site = await startSite();
  tenant = site.tenants[0]!;
});
afterAll(() => site.stop());

test('whatever colour is chosen, accents can be read on every surface in both schemes', () => {
  const part = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, '0'));
  const surfaces = { light: ['#ffffff', '#f7f7f9', '#f3f4f6'], dark: ['#0f1115', '#16191f', '#12151a', '#1b1f27'] };
  fc.assert(
    fc.property(part, part, part, (red, green, blue) => {
      const schemes = accentsOf(`#${red}${green}${blue}`);
      for (const scheme of ['light', 'dark'] as const) {
        const { accent, strong, ink, soft } = schemes[scheme];
        for (const text of [accent, strong]) {
          for (const under of [...surfaces[scheme], soft, ink])
            expect(contrast(text, under)).toBeGreaterThanOrEqual(4.5);
        }
      }
    }),
    {
      numRuns: 500,
      examples: [
        ['ff', 'ff', '00'],
        ['00', '00', '00'],
        ['ff', 'ff', 'ff'],
        ['80', '80', '80'],
      ],
    },
  );
});

test('a colour that can be read already is kept as it is', () => {
  expect(accentsOf('#3550c4').light.accent).toBe('#3550c4');
  expect(accentsOf('#91a5ff').dark.accent).toBe('#91a5ff');
});

test('colour and support contacts are set, cleared and recorded, and refused by their names', async () => {
  const change = (body: object) => tenant.owner.patch('/api/tenants/current', body);
  const contacts = { support_phone: '+1 555 0100', support_url: 'https://help.acme.test/a', brand_colour: '#b4236a' };
  const changed = await change(contacts);
  expect([changed.status, changed.body]).toMatchObject([200, contacts]);
  const [event] = await tenant.rows(
    `SELECT c.after ->> 'brand_colour' AS colour FROM audit_events e JOIN audit_changes c ON c.event_id = e.id
     WHERE e.action = 'tenant.update' ORDER BY e.id DESC LIMIT 1`,
  );
  expect(event).toEqual({ colour: '#b4236a' });
  for (const body of [
    { brand_colour: 'red' },
    { brand_colour: '#fff' },
    { support_url: 'javascript:alert(1)' },
    { support_url: 'http://help.acme.test' },
    { support_url: 'https://' },
  ]) {
    const refused = await change(body);
    expectProblem(refused, 422, 'invalid');
    expect(Object.keys(refused.body.errors)).toEqual(Object.keys(body));
  }
  const cleared = await change({ support_phone: null, support_url: null, brand_colour: null });
  expect(cleared.body).toMatchObject({ support_phone: null, support_url: null, brand_colour: null });
});
