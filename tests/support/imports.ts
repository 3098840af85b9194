import { expect } from 'vitest';
import { startSite } from './tenant.ts';

/** An import, or whatever else was made, as the API answers it. */
export type Imported = Record<string, unknown> & { id: string; status: string; version: number };
type Wrong = { line: number; field: string | null; column: string | null; message: string; value: string | null };

/** A site of two tenants, the first with a merchant, and the steps of an import as its owner takes them. */
export async function openImportDesk() {
  const site = await startSite({ tenants: 2 });
  const tenant = site.tenants[0]!;
  const post = async (path: string, body: object = {}, status = 201): Promise<Imported> => {
    const answer = await tenant.owner.post(path, body);
    expect([answer.status, answer.text]).toEqual([status, expect.anything()]);
    return answer.body as unknown as Imported;
  };
  const org = (await post('/api/merchant-orgs', { name: 'Harbor & Pine' })).id;
  const merchant = (await post('/api/merchants', { merchant_org_id: org, name: 'Pine Street Hair' })).id;
  const begin = (csv: string, more: object = {}) =>
    post('/api/imports', { kind: 'end_customer', merchant_id: merchant, file_name: 'customers.csv', csv, ...more });
  const read = async (id: string) => (await tenant.owner.get(`/api/imports/${id}`)).body as unknown as Imported;
  /** Has the file checked, and answers the import with what is wrong. */
  const check = async (id: string): Promise<Imported & { wrong: Wrong[] }> => {
    await post(`/api/imports/${id}/check`, {}, 202);
    await tenant.home.runJobs();
    const { body } = await tenant.owner.get(`/api/imports/${id}/errors?limit=200`);
    return { ...(await read(id)), wrong: (body as unknown as { data: Wrong[] }).data };
  };
  const apply = async (id: string): Promise<Imported> => {
    await post(`/api/imports/${id}/apply`, {}, 202);
    await tenant.home.runJobs();
    return read(id);
  };
  const complaints = async (csv: string, more: object = {}) =>
    (await check((await begin(csv, more)).id)).wrong.map(({ line, field, message }) => [line, field, message]);
  const countOf = async (table: string, where: string) =>
    Number((await tenant.rows(`SELECT count(*) AS n FROM ${table} WHERE ${where}`))[0]?.n);
  return { site, tenant, org, merchant, post, begin, read, check, apply, complaints, countOf };
}
