import { Link } from '@remix-run/react';
import { MEASURE_LABELS, type Quota } from '../../server/contexts/usage/schemas.ts';
import { Notice } from './notice.tsx';

const named = (quotas: readonly Quota[]) => quotas.map(({ measure }) => MEASURE_LABELS[measure]).join(', ');

/** On every page of those who may see it, while a quota is used up or nearly. */
export function QuotaNotice({ quotas }: { quotas: readonly Quota[] }) {
  const full = quotas.filter(({ state }) => state === 'hard');
  const near = quotas.filter(({ state }) => state === 'soft');
  if (quotas.length === 0) return null;
  return (
    <Notice tone={full.length > 0 ? 'bad' : 'warn'}>
      {full.length > 0 ? <strong>Used up: {named(full)}. </strong> : null}
      {near.length > 0 ? `Past what was agreed: ${named(near)}. ` : null}
      <Link to="/usage">See usage</Link>
    </Notice>
  );
}
