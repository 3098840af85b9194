import type { ApiKey } from '../../server/contexts/api-key/schemas.ts';
import { daysLeft } from '../api-key-form.ts';
import { Badge } from './badge.tsx';

const SOON_DAYS = 14;

/** Whether a key works, and for how long when that is not long. */
export function ApiKeyState({ apiKey, now }: { apiKey: ApiKey; now: string }) {
  const days = daysLeft(apiKey, now);
  if (days === null || days > SOON_DAYS) return <Badge status={apiKey.state} />;
  const words = days === 0 ? 'Expires today' : days === 1 ? 'Expires in 1 day' : `Expires in ${days} days`;
  return <Badge status="pending" label={words} />;
}
