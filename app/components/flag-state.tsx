import type { FeatureFlag } from '../../server/contexts/feature-flag/schemas.ts';
import { Badge } from './badge.tsx';

/** Archived, off for everybody, or on as its shares and rules say. */
export function FlagState({ flag }: { flag: Pick<FeatureFlag, 'is_enabled' | 'archived_at'> }) {
  if (flag.archived_at) return <Badge status="archived" />;
  return <Badge status={flag.is_enabled ? 'active' : 'off'} label={flag.is_enabled ? 'On' : 'Off'} />;
}
