import { operations } from '../../server/operations/registry.ts';
import type { Answer, Client, DoorInit } from '../support/door.ts';
import { ownFactor } from '../support/second-factor.ts';
import type { TestTenant } from '../support/tenant.ts';
import { type DoorRow, doorTable, type Valid } from './door-table.ts';
import type { World } from './world.ts';

/** An operation's HTTP door with its row of the table. */
export type TestedDoor = { name: string; method: string; path: string; status: number; isOpen: boolean; row: DoorRow };

/** Every HTTP door of the registry. @throws when the table has no row for one */
export function everyDoor(): TestedDoor[] {
  return operations
    .filter(({ http }) => http)
    .map(({ name, http, permission }) => {
      const row = doorTable[name];
      if (!row) throw new Error(`${name} has an HTTP door and no row in tests/doors/door-table.ts`);
      const { method, path, status = 200 } = http!;
      return { name, method, path, status, isOpen: permission === null, row };
    });
}

/** The path of a request, with its id and query filled in. */
export function pathOf(door: TestedDoor, valid: Valid): string {
  const query = new URLSearchParams(valid.query).toString();
  return door.path.replace('{id}', valid.params?.id ?? '{id}') + (query ? `?${query}` : '');
}

/** Sends what the table says, changed as a test likes. */
export function ask(client: Client, door: TestedDoor, valid: Valid, init: DoorInit = {}): Promise<Answer> {
  const body = valid.body && init.body === undefined ? { json: valid.body } : {};
  return client.send(door.method, pathOf(door, valid), { ...body, ...init });
}

/** The headers of somebody who is signed in, as a browser on the same site sends them. */
export async function signIn({ tenant, staff }: { tenant: TestTenant; staff: World['staff'] }) {
  // A test before may have left a second factor, or a role that asks for one; whoever signs in here has and needs none.
  await ownFactor(tenant, staff.email, null);
  await tenant.arrange('UPDATE roles SET requires_second_factor = false WHERE requires_second_factor');
  const signedIn = await tenant.as(null).post('/api/sessions', staff);
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0];
  if (signedIn.status !== 201 || !cookie) throw new Error(`Sign-in failed: ${signedIn.text}`);
  return { cookie, origin: tenant.origin };
}

/** Who may use a door: the owner's key, or a session where a door needs one. */
export async function allowedCaller(door: TestedDoor, world: World): Promise<Client> {
  return door.row.needsSession ? world.tenant.as(await signIn(world)) : world.tenant.owner;
}
