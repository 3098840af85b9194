import { Link } from '@remix-run/react';
import type { ApiKey } from '../../server/contexts/api-key/schemas.ts';
import { Card, Fact, Facts } from './card.tsx';
import { Instant } from './time.tsx';

/** What a key is and does; `place` says where it holds. */
export function ApiKeyFacts({ apiKey, place, mayAudit }: { apiKey: ApiKey; place: string; mayAudit: boolean }) {
  const used = apiKey.last_used_at;
  return (
    <Card
      title="The key"
      action={mayAudit ? <Link to={`/audit?actor_id=${apiKey.id}`}>What it did</Link> : null}
      padded
    >
      <Facts>
        <Fact name="Begins with">
          <code className="mono">{apiKey.prefix}…</code>
        </Fact>
        <Fact name="Role">{apiKey.role_name}</Fact>
        <Fact name="Place">{place}</Fact>
        <Fact name="Last used">
          {used ? (
            <>
              <Instant value={used} /> from {apiKey.last_used_address}
            </>
          ) : (
            'Never'
          )}
        </Fact>
        <Fact name="Ends">{apiKey.expires_at ? <Instant value={apiKey.expires_at} /> : 'Never'}</Fact>
        {apiKey.revoked_at ? (
          <Fact name="Revoked">
            <Instant value={apiKey.revoked_at} />
          </Fact>
        ) : null}
        {apiKey.previous_ends_at ? <PreviousSecret apiKey={apiKey} until={apiKey.previous_ends_at} /> : null}
        <Fact name="Created">
          <Instant value={apiKey.created_at} />
        </Fact>
      </Facts>
    </Card>
  );
}

function PreviousSecret({ apiKey, until }: { apiKey: ApiKey; until: string }) {
  return (
    <Fact name="Old secret">
      <code className="mono">{apiKey.previous_prefix}…</code> works until <Instant value={until} />
      {apiKey.previous_used_at ? (
        <>
          , last used <Instant value={apiKey.previous_used_at} />
        </>
      ) : (
        ', not used since'
      )}
    </Fact>
  );
}
