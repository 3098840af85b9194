import { expect } from 'vitest';
import type { SystemTenant } from '../../scripts/local/system.ts';
import type { Client } from '../../scripts/prove/client.ts';

const ROWS = 220;

/** Answers of hundreds of kilobytes arrive whole: one page of the longest rows, and a list streamed over several. */
export async function expectLargeAnswers(client: Client, tenant: SystemTenant): Promise<void> {
  const name = 'Ä'.repeat(200);
  for (let count = 0; count < ROWS; count += 20) {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => client.api(tenant, '/api/merchant-orgs', { json: { name } })),
    );
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
  }
  const page = await client.api(tenant, '/api/merchant-orgs?limit=200');
  expect(JSON.parse(page.text).data).toHaveLength(200);
  const stream = await client.api(tenant, '/api/merchant-orgs', { headers: { accept: 'application/x-ndjson' } });
  const rows: { name: string }[] = stream.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows.filter((row) => row.name === name)).toHaveLength(ROWS);
}
