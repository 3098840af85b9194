import type { SsoConnectionTested } from '../../server/contexts/sso-connection/schemas.ts';
import { Card } from './card.tsx';
import { Notice } from './notice.tsx';

/** What has to be entered at the provider. */
export function RedirectAddress({ address }: { address: string }) {
  return (
    <Card padded title="For the provider">
      <p>Register the portal there as a web application with this redirect URI:</p>
      <code className="copied">{address}</code>
      <p className="soft">A portal that has several hosts needs one for each.</p>
    </Card>
  );
}

/** What was found out about a provider. */
export function Tested({ tested }: { tested: SsoConnectionTested }) {
  if (!tested.is_usable) return <Notice tone="bad">The provider cannot be used. {tested.problem}</Notice>;
  return (
    <Notice tone="good">
      The provider can be used: it signs people in at {tested.authorization_endpoint}, and its tokens by{' '}
      {tested.signing_algorithms.join(', ')}. Nothing is saved yet.
    </Notice>
  );
}
