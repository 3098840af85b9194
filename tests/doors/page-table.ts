import { globSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../architecture/sources.ts';
import type { Kind, World } from './world.ts';

/** One row of the table that drives every page. */
export type PageRow = {
  /** An address of the page that the owner may open. */
  path(id: World['id']): string;
  /** Nobody is sent to sign in: how the page answers them. */
  openStatus?: number;
  /** How it answers its owner when not by 200: pages that only lead elsewhere, or that are not there. */
  status?: number;
  /** Everybody who is signed in may open it, whatever their role. */
  isForAll?: boolean;
  /** What it shows belongs to one person: to everybody else it is not there. */
  isOwn?: boolean;
  /** What the address names. */
  kind?: Kind;
  /** An object of the same tenant that a narrower scope may not see. */
  outside?: Kind;
};

const at = (path: string): PageRow => ({ path: () => path });
const about = (kind: Kind, path: string, outside?: Kind): PageRow => ({
  kind,
  ...(outside ? { outside } : {}),
  path: (id) => path.replace('$id', id[kind]),
});

/** A page of a merchant's workspace, about the merchant or one of its things. */
const within = (path: string, thing: Kind = 'merchant'): PageRow => ({
  kind: 'merchant',
  outside: 'outside_merchant',
  path: (id) => `/merchants/${id.merchant}${path}`.replace('$thing', id[thing]),
});

/** A step of signing in through a provider: there is nothing to see. */
const leadsOn = { openStatus: 302, status: 302, isForAll: true };

/** Every page and resource route of app/routes has a row here; one that is missing fails the suite. */
export const pageTable: Readonly<Record<string, PageRow>> = {
  '_app.$': { path: () => '/nowhere', status: 404, isForAll: true },
  '_app._index': { path: () => '/', isForAll: true },
  '_app.account._index': { path: () => '/account', isForAll: true },
  '_app.account.passkeys.$id': { ...about('passkey', '/account/passkeys/$id'), isOwn: true },
  '_app.account.passkeys.new': { path: () => '/account/passkeys/new', isForAll: true },
  '_app.account.second-factor': { path: () => '/account/second-factor', isForAll: true },
  '_app.accounts.$id': about('account', '/accounts/$id', 'outside_account'),
  '_app.accounts.$id_.edit': about('account', '/accounts/$id/edit', 'outside_account'),
  '_app.accounts._index': at('/accounts'),
  '_app.accounts.new': at('/accounts/new'),
  '_app.audit.$id': about('audit_event', '/audit/$id'),
  '_app.audit._index': at('/audit'),
  '_app.audit.alerts.$id': about('alert', '/audit/alerts/$id'),
  '_app.audit.alerts._index': at('/audit/alerts'),
  '_app.audit.erasures': at('/audit/erasures'),
  '_app.audit.rules.$id': about('alert_rule', '/audit/rules/$id'),
  '_app.audit.rules._index': at('/audit/rules'),
  '_app.bulk.$list': at('/bulk/merchant?action=suspend'),
  '_app.flags.$id._index': about('feature_flag', '/flags/$id'),
  '_app.flags.$id.edit': about('feature_flag', '/flags/$id/edit'),
  '_app.flags._index': at('/flags'),
  '_app.flags.new': at('/flags/new'),
  '_app.health': at('/health'),
  '_app.imports.$id': about('import', '/imports/$id', 'outside_import'),
  '_app.imports._index': at('/imports'),
  '_app.imports.new': at('/imports/new'),
  '_app.integrity': at('/integrity'),
  '_app.mailbox': at('/mailbox'),
  '_app.merchant-orgs.$id._index': about('merchant_org', '/merchant-orgs/$id', 'outside_merchant_org'),
  '_app.merchant-orgs.$id.edit': about('merchant_org', '/merchant-orgs/$id/edit', 'outside_merchant_org'),
  '_app.merchant-orgs.$id.settings': about('merchant_org', '/merchant-orgs/$id/settings', 'outside_merchant_org'),
  '_app.merchant-orgs._index': at('/merchant-orgs'),
  '_app.merchant-orgs.new': at('/merchant-orgs/new'),
  '_app.merchants.$id.appointments.$thing': within('/appointments/$thing', 'appointment'),
  '_app.merchants.$id.appointments._index': within('/appointments'),
  '_app.merchants.$id.appointments.new': within('/appointments/new'),
  '_app.merchants.$id.customers.$thing': within('/customers/$thing', 'end_customer'),
  '_app.merchants.$id.customers._index': within('/customers'),
  '_app.merchants.$id.customers.new': within('/customers/new'),
  '_app.merchants.$id.invoices.$thing': within('/invoices/$thing', 'customer_invoice'),
  '_app.merchants.$id.invoices._index': within('/invoices'),
  '_app.merchants.$id.set-up._index': within('/set-up'),
  '_app.merchants.$id.set-up.categories.$thing': within('/set-up/categories/$thing', 'service_category'),
  '_app.merchants.$id.set-up.locations.$thing': within('/set-up/locations/$thing', 'location'),
  '_app.merchants.$id.set-up.packages.$thing': within('/set-up/packages/$thing', 'package'),
  '_app.merchants.$id.set-up.providers.$thing': within('/set-up/providers/$thing', 'provider'),
  '_app.merchants.$id.set-up.services.$thing': within('/set-up/services/$thing', 'service'),
  '_app.merchants.$id.flags': about('merchant', '/merchants/$id/flags', 'outside_merchant'),
  '_app.merchants.$id._index': about('merchant', '/merchants/$id', 'outside_merchant'),
  '_app.merchants.$id.settings': about('merchant', '/merchants/$id/settings', 'outside_merchant'),
  '_app.merchants.$id_.edit': about('merchant', '/merchants/$id/edit', 'outside_merchant'),
  '_app.merchants.$id_.transfer': about('merchant', '/merchants/$id/transfer', 'outside_merchant'),
  '_app.merchant-transfers.$id': about('merchant_transfer', '/merchant-transfers/$id'),
  '_app.merchant-transfers._index': at('/merchant-transfers'),
  '_app.merchants._index': at('/merchants'),
  '_app.merchants.new': at('/merchants/new'),
  '_app.onboard._index': at('/onboard'),
  '_app.onboard.business': about('merchant', '/onboard/business?merchant_id=$id', 'outside_merchant'),
  '_app.onboard.legal': about('merchant_org', '/onboard/legal?merchant_org_id=$id', 'outside_merchant_org'),
  '_app.onboard.location': about('merchant', '/onboard/location?merchant_id=$id', 'outside_merchant'),
  '_app.onboard.payments': about('merchant', '/onboard/payments?merchant_id=$id', 'outside_merchant'),
  '_app.onboard.people': about('merchant', '/onboard/people?merchant_id=$id', 'outside_merchant'),
  '_app.onboard.review': about('merchant', '/onboard/review?merchant_id=$id', 'outside_merchant'),
  '_app.onboard.services': about('merchant', '/onboard/services?merchant_id=$id', 'outside_merchant'),
  '_app.onboard.terms': about('merchant', '/onboard/terms?merchant_id=$id', 'outside_merchant'),
  '_app.onboarding._index': at('/onboarding'),
  '_app.pipeline._index': at('/pipeline'),
  '_app.pipeline.forecast': at('/pipeline/forecast'),
  '_app.pipeline.tasks': at('/pipeline/tasks'),
  '_app.prospects.$id._index': about('prospect', '/prospects/$id'),
  '_app.prospects.$id.convert': about('prospect', '/prospects/$id/convert'),
  '_app.prospects.$id.edit': about('prospect', '/prospects/$id/edit'),
  '_app.prospects._index': at('/prospects'),
  '_app.prospects.new': at('/prospects/new'),
  '_app.payouts.$id': about('payout', '/payouts/$id', 'outside_payout'),
  '_app.payouts._index': at('/payouts'),
  '_app.payouts.new': at('/payouts/new'),
  '_app.periods': at('/periods'),
  '_app.reconciliation.$id._index': about('statement', '/reconciliation/$id', 'outside_statement'),
  '_app.reconciliation.$id.report': about('statement', '/reconciliation/$id/report', 'outside_statement'),
  '_app.reconciliation._index': at('/reconciliation'),
  '_app.reconciliation.sources.$id.edit': about(
    'statement_source',
    '/reconciliation/sources/$id/edit',
    'outside_statement_source',
  ),
  '_app.reconciliation.sources.$id.import': about(
    'statement_source',
    '/reconciliation/sources/$id/import',
    'outside_statement_source',
  ),
  '_app.reconciliation.sources.new': at('/reconciliation/sources/new'),
  '_app.reports._index': { path: () => '/reports', isForAll: true },
  '_app.reports.balance-sheet': at('/reports/balance-sheet'),
  '_app.reports.flow-of-funds': at('/reports/flow-of-funds'),
  '_app.reports.income-statement': at('/reports/income-statement'),
  '_app.reports.trial-balance': at('/reports/trial-balance'),
  '_app.search': { path: () => '/search?q=inside', isForAll: true },
  '_app.settings.branding': at('/settings/branding'),
  '_app.settings.merchants': at('/settings/merchants'),
  '_app.settings._index': at('/settings'),
  '_app.settings.api-keys.$id': about('api_key', '/settings/api-keys/$id'),
  '_app.settings.api-keys._index': at('/settings/api-keys'),
  '_app.settings.api-keys.new': at('/settings/api-keys/new'),
  '_app.settings.single-sign-on.$id': about('sso_connection', '/settings/single-sign-on/$id'),
  '_app.settings.single-sign-on._index': at('/settings/single-sign-on'),
  '_app.settings.single-sign-on.new': at('/settings/single-sign-on/new'),
  '_app.team.$id._index': about('user', '/team/$id', 'outside_user'),
  '_app.support-access.$id': about('impersonation', '/support-access/$id', 'outside_impersonation'),
  '_app.support-access._index': at('/support-access'),
  // Nobody is viewed as: they lead away.
  '_app.support-access.leave': { path: () => '/support-access/leave', status: 302, isForAll: true },
  '_app.support-access.step-up': { path: () => '/support-access/step-up', status: 302, isForAll: true },
  '_app.team.$id.view-as': about('user', '/team/$id/view-as', 'outside_user'),
  '_app.team._index': at('/team'),
  '_app.team.invite': at('/team/invite'),
  '_app.team.review': at('/team/review'),
  '_app.team.roles.$id': about('role', '/team/roles/$id'),
  '_app.team.roles._index': at('/team/roles'),
  '_app.team.roles.new': at('/team/roles/new'),
  '_app.transactions.$id': about('transaction', '/transactions/$id', 'outside_transaction'),
  '_app.transactions.$id_.trace': about('transaction', '/transactions/$id/trace', 'outside_transaction'),
  '_app.transactions._index': at('/transactions'),
  '_app.transactions.new': at('/transactions/new'),
  '_app.usage': at('/usage'),
  '_app.views.$id': about('own_view', '/views/$id'),
  '_app.views.new': at('/views/new?list=merchant'),
  'branding[.]css': { path: () => '/branding.css', openStatus: 200, isForAll: true },
  // There is none until somebody sets it.
  'branding.logo': { path: () => '/branding/logo', openStatus: 404, status: 404, isForAll: true },
  forgot: { path: () => '/forgot', openStatus: 200, isForAll: true },
  // Leads to the file, whose own door decides.
  'integrity.export': { path: () => '/integrity/export?format=csv', openStatus: 302, status: 302, isForAll: true },
  'invitations.$token': { path: () => '/invitations/none', openStatus: 404, status: 404, isForAll: true },
  'reset.$token': { path: () => '/reset/none', openStatus: 200, isForAll: true },
  'sign-in': { path: () => '/sign-in', openStatus: 200, status: 302, isForAll: true },
  'sso.$connection.start': { ...leadsOn, path: (id) => `/sso/${id.sso_connection}/start` },
  'sso.callback': { ...leadsOn, path: () => '/sso/callback?code=x&state=x' },
  'sso.confirm': { ...leadsOn, path: () => '/sso/confirm' },
  'sign-out': { path: () => '/sign-out', openStatus: 302, status: 302, isForAll: true },
};

/** The routes that answer by themselves: layouts only surround others. */
export function everyRoute(): string[] {
  const files = globSync('*.{ts,tsx}', { cwd: join(ROOT, 'app/routes') }).map((name) => name.replace(/\.tsx?$/, ''));
  return files.filter((name) => !files.some((other) => other.startsWith(`${name}.`))).sort();
}
