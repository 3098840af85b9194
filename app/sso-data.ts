import type { AppLoadContext } from '@remix-run/server-runtime';
import { merchantList } from '../server/contexts/merchant/operations.ts';
import { merchantOrgList } from '../server/contexts/merchant-org/operations.ts';
import { roleList } from '../server/contexts/role/operations.ts';
import { ssoConnectionTest } from '../server/contexts/sso-connection/operations.ts';
import type { Choice } from './components/filters.tsx';
import type { FormValues } from './forms.ts';
import { wholeList } from './whole-list.ts';

/** The roles that can be given, and where they can hold. */
export async function ssoChoices(context: AppLoadContext): Promise<{ roles: Choice[]; places: Choice[] }> {
  const page = (cursor: string | undefined) => ({ limit: 200, ...(cursor ? { cursor } : {}) });
  const all = <T>(permission: string, load: Parameters<typeof wholeList<T>>[0]) =>
    context.can(permission) ? wholeList<T>(load) : [];
  const [roles, orgs, merchants] = await Promise.all([
    all('role:read', (cursor) => context.run(roleList, page(cursor))),
    all('merchant_org:read', (cursor) => context.run(merchantOrgList, page(cursor))),
    all('merchant:read', (cursor) => context.run(merchantList, page(cursor))),
  ]);
  const named = (kind: string) => (each: { id: string; name: string }) => ({
    value: `${kind}:${each.id}`,
    label: each.name,
  });
  return {
    roles: roles.map(({ id, name }) => ({ value: id, label: name })),
    places: [...orgs.map(named('org')), ...merchants.map(named('merchant'))],
  };
}

/** Looks whether the provider in the form can be used, before anything is saved. */
export async function testProvider(context: AppLoadContext, values: FormValues) {
  const answer = await context.submit(ssoConnectionTest, { issuer: values.issuer });
  return 'problem' in answer ? answer : { tested: answer.data };
}
