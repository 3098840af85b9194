import { vertical } from '../server/contexts/merchant/schemas.ts';
import { merchantOrgStates, type PartyStatus, partyStatus } from '../server/contexts/merchant-org/schemas.ts';
import { movesFrom } from '../server/operations/states.ts';
import type { Choice } from './components/filters.tsx';
import { humanize } from './labels.ts';

// What the pages of MerchantOrgs and merchants share.

const choice = (value: string): Choice => ({ value, label: humanize(value) });

export const PARTY_STATUSES = partyStatus.options.map(choice);
export const ARCHIVED: Choice[] = [{ value: 'true', label: 'Archived' }];
export const VERTICALS = vertical.options.map(choice);

/** What a MerchantOrg or merchant of a status can do. */
export const partyMoves = (status: PartyStatus) => movesFrom(merchantOrgStates, status);

export const MERCHANT_ORG_LABELS = {
  name: 'Name',
  legal_name: 'Legal name',
  tax_id: 'Tax id',
  email: 'E-mail',
  phone: 'Phone',
};

export const MERCHANT_LABELS = {
  merchant_org_id: 'MerchantOrg',
  name: 'Name',
  public_name: 'Public name',
  vertical: 'Vertical',
  email: 'E-mail',
  phone: 'Phone',
  currency: 'Currency',
  time_zone: 'Time zone',
};
