import pg from 'pg';

/** Connects an administrator. A connection that breaks while idle is noticed at its next use, not as a crash. */
export async function connectAdmin(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'scp-admin',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}
