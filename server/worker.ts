// The edge entry. host → tenant → that tenant's home; everything else is answered by the front itself.
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { Env } from './env.ts';
import { Front } from './front.ts';
import { TENANT_HEADER } from './tenant-home.ts';

export { Directory } from './directory.ts';
export { PasswordHasher } from './password-hasher.ts';
export { TenantHome } from './tenant-home.ts';

// Per isolate, not per tenant: which host leads where, for at most 30 s. Keyed by the environment, so that nothing of
// it lives at module level.
const fronts = new WeakMap<Env, Front>();

function frontOf(env: Env): Front {
  let front = fronts.get(env);
  if (!front) {
    front = new Front({
      directory: () => env.DIRECTORY.get(env.DIRECTORY.idFromName('directory')),
      home: (record) => ({
        fetch: (request, headers) => {
          headers.set(TENANT_HEADER, encodeURIComponent(JSON.stringify(record)));
          const hint = record.cluster.location_hint;
          const id = env.TENANTS.idFromName(`${record.cluster.name}:${record.id}`);
          return env.TENANTS.get(id, hint ? { locationHint: hint } : {}).fetch(new Request(request, { headers }));
        },
      }),
      assets: env.ASSETS,
    });
    fronts.set(env, front);
  }
  return front;
}

/** Wakes the tenants that have work due: one query, and one call per tenant that needs it. */
async function tick(env: Env): Promise<number> {
  const due = await env.DIRECTORY.get(env.DIRECTORY.idFromName('directory')).dueTenants();
  const results = await Promise.allSettled(
    due.map((record) => {
      const hint = record.cluster.location_hint;
      const id = env.TENANTS.idFromName(`${record.cluster.name}:${record.id}:jobs`);
      return env.TENANTS.get(id, hint ? { locationHint: hint } : {}).runJobs(record);
    }),
  );
  for (const result of results) {
    if (result.status === 'rejected') {
      console.warn('a tenant could not be woken', result.reason instanceof Error ? result.reason.message : 'unknown');
    }
  }
  return due.length;
}

/** The tick as a service of its own, for a launcher that has no cron. */
export class Tick extends WorkerEntrypoint<Env> {
  async fetch(request: Request): Promise<Response> {
    return request.method === 'POST'
      ? Response.json({ woken: await tick(this.env) })
      : new Response(null, { status: 405 });
  }
}

export default {
  fetch: (request: Request, env: Env) => frontOf(env).fetch(request),
  scheduled: async (_event: unknown, env: Env) => {
    await tick(env);
  },
};
