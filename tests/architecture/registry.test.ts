import { describe, expect, test } from 'vitest';
import { permissionsOfRole } from '../../server/operations/built-in-roles.ts';
import { operations, permissions } from '../../server/operations/registry.ts';
import { doorTable } from '../doors/door-table.ts';
import { sourcesOf } from './sources.ts';

const builtIn = [
  'owner',
  'admin',
  'finance',
  'sales',
  'support',
  'auditor',
  'merchant_manager',
  'merchant_staff',
  'ai_agent',
];
const hasReason = (reason: string | undefined) => /^[A-Z].{10,}\.$/.test(reason ?? '');

test('names are unique, as are methods with their paths', () => {
  const names = operations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const doors = operations.filter(({ http }) => http).map(({ http }) => `${http!.method} ${http!.path}`);
  expect(new Set(doors).size).toBe(doors.length);
});

describe.each(operations)('$name', (operation) => {
  test('is named resource.verb', () => {
    expect(operation.name).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
    expect(operation.resource).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  test('has an HTTP door and an MCP door, or says why not', () => {
    if (operation.http) expect(operation.closedDoors?.http).toBeUndefined();
    else expect(hasReason(operation.closedDoors?.http)).toBe(true);
    if (operation.closedDoors && 'mcp' in operation.closedDoors)
      expect(hasReason(operation.closedDoors.mcp)).toBe(true);
  });

  test('asks for a permission, or says why it is open', () => {
    if (operation.permission === null) expect(hasReason(operation.openBecause)).toBe(true);
    else {
      expect(operation.permission).toMatch(/^[a-z_]+:[a-z_]+$/);
      expect(operation.openBecause).toBeUndefined();
    }
  });

  test('has a risk that fits its kind', () => {
    expect(operation.kind === 'read').toBe(operation.risk === 'read');
    // A preview takes the body of what it previews; what only a job runs has no method.
    const asks = operation.name.endsWith('.preview') ? 'POST' : 'GET';
    if (operation.kind === 'read') expect(operation.http?.method ?? 'GET').toBe(asks);
    else expect(operation.http?.method).not.toBe('GET');
    expect(operation.kind === 'external').toBe(operation.outside !== undefined);
    expect(Number(Boolean(operation.run)) + Number(Boolean(operation.statement))).toBe(1);
  });

  test('is described in a sentence for people', () => {
    expect(operation.summary).toMatch(/^[A-Z].{5,}[^.]$/);
  });

  test('is tried by the door suite when it has an HTTP door', () => {
    expect(operation.name in doorTable).toBe(Boolean(operation.http));
  });
});

test('every permission fits a role that staff can hold beside owner and admin, or is named here', () => {
  const others = builtIn.filter((key) => key !== 'owner' && key !== 'admin');
  const held = others.flatMap((key) => permissionsOfRole({ key, permissions: [] }, permissions));
  const ownersAlone = permissions.filter((permission) => !held.includes(permission));
  expect(ownersAlone).toEqual([
    'alert:acknowledge',
    'alert:configure',
    'api_key:create',
    'api_key:revoke',
    'api_key:rotate',
    'audit:erase',
    'feature_flag:archive',
    'feature_flag:create',
    'feature_flag:update',
    'job:run',
    'mailbox:open',
    'merchant_transfer:create',
    'onboarding:waive',
    'role:create',
    'role:delete',
    'role:update',
    'second_factor:require',
    'second_factor:reset',
    'sso_connection:create',
    'sso_connection:delete',
    'sso_connection:test',
    'sso_connection:unlink',
    'sso_connection:update',
    'tenant:update',
  ]);
});

test('every permission that a page asks for is one that there is', () => {
  const asked = sourcesOf('app').flatMap(({ path, text }) =>
    [...text.matchAll(/\b(?:can|may)\(\s*'([a-z_]+:[a-z_]+)'/g)].map((match) => [path, match[1]!] as const),
  );
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter(([, permission]) => !permissions.includes(permission))).toEqual([]);
});

test('every built-in role gives something, and an auditor reads and changes nothing', () => {
  for (const key of builtIn) expect(permissionsOfRole({ key, permissions: [] }, permissions)).not.toEqual([]);
  const audited = permissionsOfRole({ key: 'auditor', permissions: [] }, permissions);
  const changing = operations.filter(({ kind, permission }) => kind !== 'read' && audited.includes(permission ?? ''));
  expect(changing.map(({ name }) => name)).toEqual([]);
});

test('a custom role gives what it lists, as far as the product knows it', () => {
  const role = { key: null, permissions: ['merchant:read', 'merchant:fly'] };
  expect(permissionsOfRole(role, permissions)).toEqual(['merchant:read']);
  expect(permissionsOfRole({ key: 'no such role', permissions: ['merchant:read'] }, permissions)).toEqual([]);
});
