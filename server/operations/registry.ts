import * as account from '../contexts/account/operations.ts';
import * as accountStatement from '../contexts/account-statement/operations.ts';
import * as alert from '../contexts/alert/operations.ts';
import * as apiKey from '../contexts/api-key/operations.ts';
import * as appointment from '../contexts/appointment/operations.ts';
import * as audit from '../contexts/audit/operations.ts';
import * as auditErasure from '../contexts/audit-erasure/operations.ts';
import * as auditExport from '../contexts/audit-export/operations.ts';
import * as availability from '../contexts/availability/operations.ts';
import * as chart from '../contexts/chart/operations.ts';
import * as customerInvoice from '../contexts/customer-invoice/operations.ts';
import * as customerPayment from '../contexts/customer-payment/operations.ts';
import * as endCustomer from '../contexts/end-customer/operations.ts';
import * as featureFlag from '../contexts/feature-flag/operations.ts';
import * as flow from '../contexts/flow/operations.ts';
import * as health from '../contexts/health/operations.ts';
import * as impersonation from '../contexts/impersonation/operations.ts';
import * as imports from '../contexts/import/operations.ts';
import * as importRow from '../contexts/import-row/operations.ts';
import * as job from '../contexts/job/operations.ts';
import * as ledger from '../contexts/ledger/operations.ts';
import * as ledgerExport from '../contexts/ledger-export/operations.ts';
import * as location from '../contexts/location/operations.ts';
import * as mailbox from '../contexts/mailbox/operations.ts';
import * as merchant from '../contexts/merchant/operations.ts';
import * as merchantOrg from '../contexts/merchant-org/operations.ts';
import * as merchantTransfer from '../contexts/merchant-transfer/operations.ts';
import * as onboarding from '../contexts/onboarding/operations.ts';
import * as servicePackage from '../contexts/package/operations.ts';
import * as passkey from '../contexts/passkey/operations.ts';
import * as password from '../contexts/password/operations.ts';
import * as payout from '../contexts/payout/operations.ts';
import * as period from '../contexts/period/operations.ts';
import * as pipeline from '../contexts/pipeline/operations.ts';
import * as prospect from '../contexts/prospect/operations.ts';
import * as prospectActivity from '../contexts/prospect-activity/operations.ts';
import * as provider from '../contexts/provider/operations.ts';
import * as reconciliation from '../contexts/reconciliation/operations.ts';
import * as report from '../contexts/report/operations.ts';
import * as role from '../contexts/role/operations.ts';
import * as roleAssignment from '../contexts/role-assignment/operations.ts';
import * as savedSearch from '../contexts/saved-search/operations.ts';
import * as seal from '../contexts/seal/operations.ts';
import * as search from '../contexts/search/operations.ts';
import * as secondFactor from '../contexts/second-factor/operations.ts';
import * as service from '../contexts/service/operations.ts';
import * as session from '../contexts/session/operations.ts';
import * as setting from '../contexts/setting/operations.ts';
import * as sso from '../contexts/sso/operations.ts';
import * as ssoConnection from '../contexts/sso-connection/operations.ts';
import * as statement from '../contexts/statement/operations.ts';
import * as statementMatch from '../contexts/statement-match/operations.ts';
import * as tenant from '../contexts/tenant/operations.ts';
import * as transaction from '../contexts/transaction/operations.ts';
import * as journal from '../contexts/transaction-journal/operations.ts';
import * as usage from '../contexts/usage/operations.ts';
import * as user from '../contexts/user/operations.ts';
import type { Operation } from './operation.ts';

const contexts = [
  tenant,
  user,
  session,
  password,
  secondFactor,
  passkey,
  ssoConnection,
  sso,
  mailbox,
  impersonation,
  role,
  roleAssignment,
  apiKey,
  merchantOrg,
  merchant,
  merchantTransfer,
  onboarding,
  prospect,
  prospectActivity,
  pipeline,
  setting,
  featureFlag,
  location,
  provider,
  service,
  servicePackage,
  endCustomer,
  availability,
  appointment,
  customerInvoice,
  customerPayment,
  imports,
  importRow,
  account,
  chart,
  accountStatement,
  period,
  transaction,
  flow,
  journal,
  payout,
  ledger,
  statement,
  statementMatch,
  reconciliation,
  seal,
  ledgerExport,
  report,
  audit,
  auditExport,
  auditErasure,
  savedSearch,
  search,
  alert,
  usage,
  job,
  health,
];

function isOperation(exported: unknown): exported is Operation {
  return typeof exported === 'object' && exported !== null && 'name' in exported && 'permission' in exported;
}

/** Everything the product can do: all doors, documents and role editors are made from this. */
export const operations: readonly Operation[] = contexts.flatMap((context) =>
  Object.values(context).filter(isOperation),
);

/** Every permission that some operation asks for, sorted. */
export const permissions: readonly string[] = [
  ...new Set(
    operations
      .flatMap((operation) => [operation.permission, ...(operation.alsoRequires ?? [])])
      .filter((name) => name !== null),
  ),
].sort();
