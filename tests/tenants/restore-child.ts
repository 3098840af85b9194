/** Restores a tenant in a process of its own that kills itself before or after the first statement that has a word. */
import { sealerOf } from '../../server/auth/sealer.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { restoreTenant } from '../../tenants/move/restore.ts';

export type RestoreFault = {
  url: string;
  masterSecret: string;
  path: string;
  slug: string;
  word: string;
  moment: 'before' | 'after';
};

const fault: RestoreFault = JSON.parse(process.argv[2] ?? '{}');

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement;
  return typeof statement === 'object' && statement !== null && 'text' in statement ? String(statement.text) : '';
}

const client = await connectAdmin(fault.url);
const query: (...args: unknown[]) => unknown = client.query.bind(client);
const faulty = (...args: unknown[]): unknown => {
  const isHere = textOf(args[0]).includes(fault.word);
  if (isHere && fault.moment === 'before') process.kill(process.pid, 'SIGKILL');
  const answer = query(...args);
  if (!isHere) return answer;
  return Promise.resolve(answer).then(() => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  });
};
Object.defineProperty(client, 'query', { value: faulty });
const { path, slug, masterSecret } = fault;
await restoreTenant(client, { path, slug, masterSecret, sealerOf });
await client.end();
