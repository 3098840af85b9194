import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accentsOf, contrast } from '../../server/branding/colours.ts';
import { mailHtml } from '../../server/branding/mail.ts';
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

/** Beginning and end of a file are enough. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const JPEG_END = Buffer.from([0xff, 0xd9]);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(20), JPEG_END]);
const WEBP = Buffer.concat([Buffer.from('RIFF\x1c\0\0\0WEBPVP8 '), Buffer.alloc(20)]);
const LOGO = '/api/tenants/current/logo';
const put = (bytes: Buffer, headers = {}, who = tenant.owner) =>
  who.send('PUT', LOGO, { json: { image: bytes.toString('base64') }, headers });

test('a logo is set, replaced and removed; its address changes with it, and the trail has its hash but not the picture', async () => {
  const urls = [];
  for (const bytes of [PNG, JPEG, WEBP]) {
    const answer = await put(bytes);
    expect(answer.status, answer.text).toBe(200);
    urls.push(answer.body.logo_url);
  }
  for (const url of urls) expect(url).toMatch(/^\/branding\/logo\?v=[0-9a-f]{16}$/);
  expect(new Set(urls).size).toBe(3);
  const changes = await tenant.rows(
    `SELECT e.details ->> 'summary' AS summary, c.after ->> 'logo' AS logo, length(c.after ->> 'logo_hash') AS hash, c.after ->> 'logo_type' AS type
     FROM audit_events e JOIN audit_changes c ON c.event_id = e.id WHERE e.action = 'tenant_logo.set' ORDER BY e.id`,
  );
  expect(changes[0]).toEqual({ summary: 'Changed the logo', logo: '[redacted]', hash: 64, type: 'image/png' });
  expect(changes.map(({ type }) => type)).toEqual(['image/png', 'image/jpeg', 'image/webp']);
  expectProblem(await put(PNG, { 'if-match': '"1"' }), 412, 'stale');
  const removed = await tenant.owner.delete(LOGO);
  expect([removed.status, removed.body.logo_url]).toEqual([200, null]);
});

test('what is no picture of dots, or too large, is refused whatever it is called, and by whom may not change settings', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const ofSize = (size: number) =>
    Buffer.concat([JPEG.subarray(0, 4), Buffer.alloc(size - 4 - JPEG_END.length), JPEG_END]);
  const large = ofSize(256 * 1024 + 1);
  const wide = Buffer.from(PNG);
  wide.writeUInt32BE(0x7fff_ffff, 16);
  const withMore = [PNG, JPEG, WEBP].map((picture) =>
    Buffer.concat([picture, Buffer.from('<script>alert(1)</script>')]),
  );
  const others = [svg, Buffer.from('GIF89a and more of it'), Buffer.from('%PDF-1.7'), PNG.subarray(0, 8)];
  for (const bytes of [...others, large, wide, ...withMore]) {
    const refused = await put(bytes);
    expectProblem(refused, 422, 'invalid');
    expect(Object.keys(refused.body.errors)).toEqual(['image']);
  }
  expect((await put(ofSize(256 * 1024))).status).toBe(200);
  expectProblem(await tenant.owner.send('PUT', LOGO, { json: { image: 'no base64!' } }), 422, 'invalid');
  const finance = tenant.as(await tenant.createKey({ role: 'finance' }));
  expectProblem(await put(PNG, {}, finance), 403, 'forbidden');
  expectProblem(await finance.delete(LOGO), 403, 'forbidden');
  await tenant.owner.delete(LOGO);
});

test('a preview shows accents, logo and mail as they would be, and keeps nothing', async () => {
  const preview = (body: object) => tenant.owner.post('/api/tenants/current/branding/preview', body);
  const before = (await tenant.owner.get('/api/tenants/current')).body;
  const contacts = { support_email: 'help@acme.test', support_url: 'https://help.acme.test/?a=1&b=2' };
  const shown = await preview({ brand_colour: '#ffff00', image: PNG.toString('base64'), ...contacts });
  expect(shown.status, shown.text).toBe(200);
  const { accents, logo, mail } = shown.body as unknown as {
    accents: unknown;
    logo: string;
    mail: { text: string; html: string };
  };
  expect(accents).toEqual(accentsOf('#ffff00'));
  expect(logo).toBe(`data:image/png;base64,${PNG.toString('base64')}`);
  expect(mail.html).toContain(`src="${logo}"`);
  expect(mail.html).toContain(accentsOf('#ffff00').light.accent);
  expect(mail.html).toContain('href="https://help.acme.test/?a=1&amp;b=2"');
  expect(mail.text).toMatch(/-- \nSupport of Acme .*: help@acme\.test · https:\/\/help\.acme\.test\/\?a=1&b=2$/);
  expect((await tenant.owner.get('/api/tenants/current')).body).toEqual(before);
  expectProblem(await preview({ image: Buffer.from('<svg/>').toString('base64') }), 422, 'invalid');
  expectProblem(await preview({ brand_colour: 'red' }), 422, 'invalid');
});

test('mails wear name, colour, logo and contacts, with their text beside; a name that looks like HTML stays text', async () => {
  await put(PNG);
  const name = 'Acme <b>&</b> "Sons"';
  await tenant.owner.patch('/api/tenants/current', { name, brand_colour: '#b4236a', support_phone: '+1 555 0100' });
  const [role] = await tenant.rows(`SELECT id FROM roles WHERE key = 'auditor'`);
  await tenant.owner.post('/api/users', { name: 'Jo', email: 'jo@acme.test', roles: [{ role_id: role?.id }] });
  await tenant.home.runJobs();
  const [mail] = (await tenant.owner.get('/api/mailbox')).body.data as unknown as { body: string; html: string }[];
  expect(mail?.html).toMatch(
    new RegExp(`<img src="${tenant.origin}/branding/logo\\?v=[0-9a-f]{16}" alt="Acme &lt;b&gt;`),
  );
  expect(mail?.html).toContain('#b4236a');
  expect(mail?.html).not.toContain('<b>&</b>');
  expect(mail?.html).toMatch(/<a href="http:\/\/[^"]+\/invitations\/[\w-]{43}">/);
  expect(mail?.body).toContain(`-- \nSupport of ${name}: +1 555 0100`);
  await tenant.owner.patch('/api/tenants/current', { brand_colour: null, support_phone: null });
  await tenant.owner.delete(LOGO);
});

test('whatever a mail says, its HTML has no tag of it, and leads only where its text said', () => {
  const brand = { name: 'Acme', colour: null, logo: null, support_email: null, support_phone: null, support_url: null };
  const bare = mailHtml(brand, { subject: '', body: '' }).split('<').length;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ' ') }), (body) => {
      const html = mailHtml(brand, { subject: body, body });
      expect(html.split('<').length).toBe(bare);
    }),
  );
  const html = mailHtml(brand, { subject: 'S', body: 'See https://a.test/x"onclick="y. Or javascript:alert(1)' });
  expect(html.match(/href="[^"]*"/g)).toEqual(['href="https://a.test/x&quot;onclick=&quot;y"']);
});
