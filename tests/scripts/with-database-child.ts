import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runCommand } from '../../scripts/command.ts';
import { withDatabase } from '../../scripts/local/with-database.ts';

/** A command that holds the database for the milliseconds of its argument. */
await runCommand(async () => {
  await withDatabase(async ({ url }) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await sleep(Number(process.argv[2]));
    const { rows } = await client.query<{ one: number }>('SELECT 1 AS one');
    await client.end();
    console.log(rows[0]?.one);
  });
  return 0;
});
