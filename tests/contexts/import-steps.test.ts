import { afterAll, describe, expect, test, vi } from 'vitest';
import { importStates } from '../../server/contexts/import/schemas.ts';
import { movesFrom, type StateMachine } from '../../server/operations/states.ts';
import { type Imported, openImportDesk } from '../support/imports.ts';
import { forceState, statesOf, walkInSql } from '../support/states.ts';

const { site, tenant, org, merchant, post, begin, read, check, apply, complaints, countOf } = await openImportDesk();
afterAll(() => site.stop());

describe('all or nothing', () => {
  const ready = async (csv: string) => {
    const { id } = await begin(csv);
    expect(await check(id)).toMatchObject({ status: 'ready' });
    return id;
  };

  test('what came to be there since the check leaves nothing, and can be checked again', async () => {
    const id = await ready('Name,External id\nA,Z1\nB,Z2\n');
    await post('/api/end-customers', { merchant_id: merchant, name: 'First', external_id: 'Z2' });
    expect(await apply(id)).toMatchObject({ status: 'failed', problem: expect.stringContaining('1 of the rows') });
    expect(await countOf('end_customers', `external_id = 'Z1'`)).toBe(0);
    expect(await check(id)).toMatchObject({
      status: 'bad',
      problem: null,
      wrong: [{ line: 3, message: 'is there already' }],
    });
  });

  test('what its owners have left, or have gone out of use, is made for nobody', async () => {
    const mover = (await post('/api/merchants', { merchant_org_id: org, name: 'Mover' })).id;
    const gone = (await post('/api/merchants', { merchant_org_id: org, name: 'Gone' })).id;
    const of = { merchant_id: undefined, merchant_org_id: org };
    const [moving, closing] = [
      await begin('Merchant,Name\nMover,Planted\nPine Street Hair,Kept\n', of),
      await begin('Merchant,Name\nGone,Planted\n', of),
    ];
    for (const { id } of [moving, closing]) expect(await check(id)).toMatchObject({ status: 'ready' });
    const merchant_org_id = (await post('/api/merchant-orgs', { name: 'Cove' })).id;
    const { digest } = await post(`/api/merchants/${mover}/transfer-preview`, { merchant_org_id }, 200);
    await post(`/api/merchants/${mover}/transfer`, { merchant_org_id, digest, reason: 'Sold' }, 200);
    await post(`/api/merchants/${gone}/archive`, {}, 200);
    for (const { id } of [moving, closing]) {
      expect(await apply(id)).toMatchObject({ status: 'failed', problem: expect.stringContaining('1 of the rows') });
      expect((await check(id)).wrong).toMatchObject([{ line: 2, message: 'names no merchant that there is' }]);
    }
    expect(await countOf('end_customers', `name IN ('Planted', 'Kept')`)).toBe(0);
  });

  test('a constraint of the database refuses all of it, whatever was checked', async () => {
    const id = await ready('Name,External id\nA,Y1\nB,Y2\n');
    await tenant.rows(`UPDATE import_rows SET fields = fields || '{"external_id": "Y1"}' WHERE import_id = $1`, [id]);
    expect(await apply(id)).toMatchObject({
      status: 'failed',
      problem: 'The merchant has a customer of this external_id.',
    });
    expect(await countOf('end_customers', `external_id = 'Y1'`)).toBe(0);
    const events = await tenant.rows(
      `SELECT details ->> 'summary' AS summary FROM audit_events
      WHERE action = 'import.write' AND resource_id = $1`,
      [id],
    );
    expect(events).toEqual([{ summary: 'Imported a file' }]);
  });

  test('a connection that ends in the middle leaves nothing, and the job does all of it when it runs again', async () => {
    const id = await ready(
      `Name,External id\n${Array.from({ length: 2_500 }, (_, n) => `Customer ${n},W${n}`).join('\n')}\n`,
    );
    await post(`/api/imports/${id}/apply`, {}, 202);
    await tenant.rows(`CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'`);
    await tenant.rows(`CREATE TRIGGER end_connection BEFORE INSERT ON end_customers FOR EACH ROW
      WHEN (NEW.external_id = 'W2400') EXECUTE FUNCTION end_connection()`);
    await tenant.home.runJobs().catch(() => 0);
    await tenant.rows('DROP TRIGGER end_connection ON end_customers');
    expect(await countOf('end_customers', `external_id LIKE 'W%'`)).toBe(0);
    expect(await read(id)).toMatchObject({
      status: 'applying',
      progress: { step: 'writing', rows: 2_000, percent: 80 },
    });
    await tenant.rows(
      `UPDATE jobs SET run_at = now(), locked_until = now() - interval '1 second' WHERE operation = 'import.write' AND state IN ('queued', 'running')`,
    );
    await tenant.home.runJobs();
    expect(await read(id)).toMatchObject({ status: 'done', row_count: 2_500 });
    expect(await countOf('end_customers', `external_id LIKE 'W%'`)).toBe(2_500);
    expect(await countOf('audit_events', `action = 'import.write' AND resource_id = '${id}'`)).toBe(4);
  });

  test('an import that was cancelled makes nothing, whatever job comes late', async () => {
    const id = await ready('Name,External id\nA,V1\n');
    await post(`/api/imports/${id}/apply`, {}, 202);
    expect(await post(`/api/imports/${id}/cancel`, {}, 200)).toMatchObject({ status: 'cancelled' });
    await tenant.home.runJobs();
    expect(await read(id)).toMatchObject({ status: 'cancelled' });
    expect(await countOf('end_customers', `external_id = 'V1'`)).toBe(0);
    expect(await countOf('import_parts', `import_id = '${id}'`)).toBe(0);
  });
});

describe('who may', () => {
  test('import what they may make by hand, where they may; the rest is not there for them', async () => {
    const other = await post('/api/merchants', { merchant_org_id: org, name: 'Other' });
    const staff = tenant.as(await tenant.createKey({ role: 'merchant_staff', merchant_id: merchant }));
    const own = await staff.post('/api/imports', { kind: 'end_customer', merchant_id: merchant, csv: 'Name\nA\n' });
    expect(own.status).toBe(201);
    expect((await staff.post('/api/imports', { kind: 'service', merchant_id: merchant })).status).toBe(403);
    expect((await staff.post('/api/imports', { kind: 'end_customer' })).status).toBe(403);
    expect((await staff.post('/api/imports', { kind: 'end_customer', merchant_id: other.id })).body).toMatchObject({
      code: 'invalid',
      errors: { merchant_id: ['does not exist'] },
    });
    const { id } = await begin('Name\nA\n', { merchant_id: other.id });
    for (const path of [`/api/imports/${id}`, `/api/imports/${id}/errors`, `/api/imports/${id}/rows`]) {
      expect((await staff.get(path)).status).toBe(404);
    }
    expect((await staff.post(`/api/imports/${id}/check`, {})).status).toBe(404);
    expect((await site.tenants[1]!.owner.get(`/api/imports/${id}`)).status).toBe(404);
    const seen = (await staff.get('/api/imports')).body as unknown as { data: Imported[] };
    expect(seen.data.every((each) => each.merchant_id === merchant)).toBe(true);
    const auditor = tenant.as(await tenant.createKey({ role: 'auditor' }));
    expect((await auditor.get(`/api/imports/${id}`)).status).toBe(200);
    expect((await auditor.post(`/api/imports/${id}/check`, {})).status).toBe(403);
  });

  test('of a MerchantOrg name no merchant of another', async () => {
    const elsewhere = await post('/api/merchant-orgs', { name: 'Elsewhere' });
    const far = await post('/api/merchants', { merchant_org_id: elsewhere.id, name: 'Far Away' });
    const csv = `Merchant,Name\nFar Away,A\n${far.id},B\nPine Street Hair,C\n`;
    expect(await complaints(csv, { merchant_id: undefined, merchant_org_id: org })).toEqual([
      [2, 'merchant_id', 'names no merchant that there is'],
      [3, 'merchant_id', 'names no merchant that there is'],
    ]);
    expect(
      (await tenant.owner.post('/api/imports', { kind: 'merchant_org', merchant_org_id: org })).body,
    ).toMatchObject({
      code: 'invalid',
      errors: { merchant_org_id: [expect.any(String)] },
    });
  });
});

describe('states', () => {
  const STEPS = ['upload', 'map', 'check', 'apply', 'cancel'] as const;

  test('move in the database as they are declared', async () => {
    await walkInSql(tenant, importStates as StateMachine, 'imports', (await begin('Name\nA\n')).id);
  });

  test('take over the API exactly the steps that leave them', async () => {
    for (const state of statesOf(importStates as StateMachine)) {
      for (const step of STEPS) {
        const { id } = await begin('Name\nA\n');
        await forceState(tenant, 'imports', id, state);
        const answer = await {
          upload: () => tenant.owner.post(`/api/imports/${id}/parts`, { position: 1, csv: 'Name\n' }),
          map: () => tenant.owner.patch(`/api/imports/${id}`, { columns: { name: 'Name' } }),
          check: () => tenant.owner.post(`/api/imports/${id}/check`, {}),
          apply: () => tenant.owner.post(`/api/imports/${id}/apply`, {}),
          cancel: () => tenant.owner.post(`/api/imports/${id}/cancel`, {}),
        }[step]();
        const isMove =
          movesFrom(importStates as StateMachine, state).includes(step) || (step === 'map' && state === 'uploaded');
        expect([state, step, answer.status < 300]).toEqual([state, step, isMove]);
        if (!isMove) expect(answer.body.code).toBe('conflict');
      }
    }
    await tenant.rows(`DELETE FROM jobs WHERE operation LIKE 'import.%'`);
  });

  test('of a version that is gone are not left', async () => {
    const { id, version } = await begin('Name\nA\n');
    const stale = await tenant.owner.patch(`/api/imports/${id}`, { columns: {} }, { 'if-match': `"${version - 1}"` });
    expect(stale.status).toBe(412);
  });

  test('after thirty days what was left lying is cancelled, and findings are swept', async () => {
    const { id } = await begin('Name\nA\n');
    const done = await begin('Name,External id\nA,U1\n');
    await check(done.id);
    await apply(done.id);
    await tenant.rows('SET session_replication_role = replica');
    await tenant.rows(
      `UPDATE imports SET updated_at = now() - interval '31 days', finished_at = finished_at - interval '31 days'`,
    );
    await tenant.rows('SET session_replication_role = origin');
    await tenant.rows(`INSERT INTO jobs (operation) VALUES ('housekeeping.sweep')`);
    await vi.waitFor(() => tenant.home.runJobs());
    expect(await read(id)).toMatchObject({ status: 'cancelled' });
    expect(await read(done.id)).toMatchObject({ status: 'done' });
    expect(await countOf('import_rows', `import_id = '${done.id}'`)).toBe(0);
  });
});
