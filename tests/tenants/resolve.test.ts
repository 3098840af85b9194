import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provisionTenant } from '../../tenants/provision.ts';
import type { TenantRecord } from '../../tenants/record.ts';
import { loadRelease } from '../../tenants/release.ts';
import { dueTenants, parseHost, type Query, resolveHost, tenantById } from '../../tenants/resolve.ts';
import { suspendTenant } from '../../tenants/status.ts';
import { freshDatabase, newSlug, type TestDatabase } from './database.ts';
import { writeRelease } from './fixture.ts';

describe('a host', () => {
  test.each([
    ['scp.example.com', { kind: 'apex' }],
    ['SCP.Example.COM.:8787', { kind: 'apex' }],
    ['www.scp.example.com', { kind: 'apex' }],
    ['127.0.0.1:8787', { kind: 'apex' }],
    ['[::1]:8787', { kind: 'apex' }],
    ['acme.scp.example.com', { kind: 'slug', slug: 'acme' }],
    ['ACME.scp.example.com.', { kind: 'slug', slug: 'acme' }],
    ['acme.scp.example.com:443', { kind: 'slug', slug: 'acme' }],
    ['portal.acme.test', { kind: 'domain', host: 'portal.acme.test' }],
    ['xn--bcher-kva.example', { kind: 'domain', host: 'xn--bcher-kva.example' }],
    ['a.b.scp.example.com', { kind: 'invalid' }],
    ['admin.scp.example.com', { kind: 'invalid' }],
    ['.scp.example.com', { kind: 'invalid' }],
    ['10.0.0.1', { kind: 'invalid' }],
    ['[2001:db8::1]', { kind: 'invalid' }],
    ['localhost', { kind: 'invalid' }],
    ['', { kind: 'invalid' }],
    ['acme.scp.example.com:80:80', { kind: 'invalid' }],
    ["acme'; --.test", { kind: 'invalid' }],
    [`${'a'.repeat(64)}.test`, { kind: 'invalid' }],
    [`${'a.'.repeat(200)}test`, { kind: 'invalid' }],
    ['a.'.repeat(1_000_000), { kind: 'invalid' }],
  ])('%.40s means what it says', (host, expected) => {
    expect(parseHost(host, 'scp.example.com')).toEqual(expected);
  });

  test('of any content is parsed without an error', () => {
    fc.assert(fc.property(fc.string(), (host) => parseHost(host, 'localhost').kind !== undefined));
  });
});

describe('the catalog', () => {
  let database: TestDatabase;
  let query: Query;
  let acme: TenantRecord;
  let other: TenantRecord;

  beforeAll(async () => {
    database = await freshDatabase();
    query = async (text, values) => (await database.admin.query(text, [...values])).rows;
    const fixture = writeRelease();
    const release = loadRelease(fixture);
    fixture.remove();
    const { admin, masterSecret } = database;
    const common = { name: 'Acme', ownerEmail: 'owner@acme.test', masterSecret, release };
    acme = (await provisionTenant(admin, { ...common, slug: newSlug('acme') })).tenant;
    other = (await provisionTenant(admin, { ...common, slug: newSlug('other') })).tenant;
    await admin.query('INSERT INTO platform.domains (host, tenant_id, verified_at) VALUES ($1, $2, now())', [
      'portal.acme.test',
      acme.id,
    ]);
  });
  afterAll(() => database.drop());

  test('finds a tenant by subdomain, by custom domain and by id', async () => {
    const found = { kind: 'tenant', tenant: acme };
    expect(await resolveHost(query, 'localhost', `${acme.slug.toUpperCase()}.localhost:8787`)).toEqual(found);
    expect(await resolveHost(query, 'localhost', 'portal.acme.test')).toEqual(found);
    expect(await tenantById(query, acme.id)).toEqual(acme);
  });

  test('knows no other hosts, and is not asked about those that cannot be', async () => {
    expect(await resolveHost(query, 'localhost', 'nobody.localhost')).toEqual({ kind: 'unknown' });
    expect(await resolveHost(query, 'localhost', 'nobody.test')).toEqual({ kind: 'unknown' });
    const never: Query = () => Promise.reject(new Error('asked'));
    expect(await resolveHost(never, 'localhost', 'admin.localhost')).toEqual({ kind: 'unknown' });
    expect(await resolveHost(never, 'localhost', 'localhost')).toEqual({ kind: 'apex' });
  });

  test('names the active tenants that have work due, the longest waiting first', async () => {
    const { admin } = database;
    await admin.query('DELETE FROM platform.wakes');
    await admin.query(
      `INSERT INTO platform.wakes (tenant_id, due_at)
       VALUES ($1, now() - interval '1 minute'), ($1, now() - interval '3 minutes'), ($2, now() - interval '2 minutes')`,
      [acme.id, other.id],
    );
    expect((await dueTenants(query)).map((tenant) => tenant.slug)).toEqual([acme.slug, other.slug]);
    await suspendTenant(admin, acme.slug);
    expect((await dueTenants(query)).map((tenant) => tenant.slug)).toEqual([other.slug]);
    await admin.query(`UPDATE platform.wakes SET due_at = now() + interval '1 hour'`);
    expect(await dueTenants(query)).toEqual([]);
  });
});
