import * as v from 'valibot';
import { sql } from '../../db/pool.ts';
import { addressOf } from '../doors/call.ts';
import { anonymous } from '../operations/actor.ts';
import type { Runtime } from '../operations/execute.ts';
import type { Call } from '../operations/operation.ts';
import { envelope, workParameter } from '../operations/statement.ts';
import { sessionCookie } from './cookie.ts';

const nothing = v.object({});

/** What somebody sent to say who they are, or null. */
function credentialOf(request: Request): 'api_key' | 'session' | null {
  if (request.headers.has('authorization')) {
    return 'api_key';
  }
  const cookies = sessionCookie(request.url.startsWith('https:'));
  return cookies.parse(request.headers.get('cookie') ?? '') ? 'session' : null;
}

/**
 * Records that a key or session did not hold here: stolen and tried on another tenant's host, revoked, or expired.
 * What was sent is not kept. A flood leaves a few events, as with every denial; nobody who sent nothing leaves any.
 */
export async function recordRefusedCredentials(
  runtime: Runtime,
  request: Request,
  door: Call['door'],
  requestId: string,
): Promise<void> {
  const type = credentialOf(request);
  if (type === null) {
    return;
  }
  const work = envelope(
    anonymous,
    {
      requestId,
      door,
      address: addressOf(request.headers),
      userAgent: request.headers.get('user-agent')?.slice(0, 500) ?? '',
    },
    {
      operation: `${type}.check`,
      summary: type === 'api_key' ? 'Refused an API key' : 'Refused a session',
      resource: { type },
    },
  );
  await runtime
    .withPool((pool) => pool.query(sql.type(nothing)`SELECT work_deny(${workParameter(work)}, 'unauthenticated')`))
    .catch((error) => console.warn('a refusal could not be recorded', error instanceof Error ? error.name : ''));
}
