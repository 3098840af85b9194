// The words of imports, and where what was imported is found.
import type { Import, ImportKindName, ImportStatus } from '../server/contexts/import/schemas.ts';

export const KIND_LABELS: Readonly<Record<ImportKindName, string>> = {
  merchant_org: 'MerchantOrgs',
  merchant: 'Merchants',
  service: 'Services',
  end_customer: 'Customers',
  prospect: 'Prospects',
};

export const KINDS = (Object.keys(KIND_LABELS) as ImportKindName[]).map((value) => ({
  value,
  label: KIND_LABELS[value],
}));

export const STATUS_LABELS: Readonly<Record<ImportStatus, string>> = {
  uploading: 'Uploading',
  uploaded: 'Uploaded',
  checking: 'Checking',
  bad: 'Bad rows',
  ready: 'Ready',
  applying: 'Importing',
  done: 'Imported',
  failed: 'Not imported',
  cancelled: 'Cancelled',
};

export const STATUSES = (Object.keys(STATUS_LABELS) as ImportStatus[]).map((value) => ({
  value,
  label: STATUS_LABELS[value],
}));

export const STEPS = ['Upload', 'Columns', 'Check', 'Import'] as const;

/** How many of the steps are behind; the one that follows is at hand. */
export function stepsDone(status: ImportStatus): number {
  switch (status) {
    case 'uploading':
      return 0;
    case 'uploaded':
      return 1;
    case 'checking':
    case 'bad':
      return 2;
    case 'done':
      return STEPS.length;
    default:
      return 3;
  }
}

/** "1 customer", "37 bad rows": a count with its word. */
export function counted(count: number, one: string, locale: string, many = `${one}s`): string {
  return `${count.toLocaleString(locale)} ${count === 1 ? one : many}`;
}

type Placed = Pick<Import, 'kind' | 'merchant_org_id' | 'merchant_id'>;

/** Where what was imported is listed. */
export function whereImported({ kind, merchant_org_id, merchant_id }: Placed): { href: string; label: string } {
  if (merchant_id && kind === 'end_customer')
    return { href: `/merchants/${merchant_id}/customers`, label: 'Customers' };
  if (merchant_id && kind === 'service') return { href: `/merchants/${merchant_id}/set-up`, label: 'Services' };
  if (kind === 'merchant_org') return { href: '/merchant-orgs', label: 'MerchantOrgs' };
  if (kind === 'prospect') return { href: '/prospects', label: 'Prospects' };
  return { href: merchant_org_id ? `/merchants?merchant_org_id=${merchant_org_id}` : '/merchants', label: 'Merchants' };
}

/** Where another file for the same is begun. */
export function anotherFile({ kind, merchant_org_id, merchant_id }: Placed): string {
  const place = merchant_id
    ? `&for=merchant-${merchant_id}`
    : merchant_org_id
      ? `&for=merchant_org-${merchant_org_id}`
      : '';
  return `/imports/new?kind=${kind}${place}`;
}
