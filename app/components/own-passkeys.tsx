import { Link } from '@remix-run/react';
import type { Passkey } from '../../server/contexts/passkey/schemas.ts';
import { RowLink, Table } from './table.tsx';
import { Instant } from './time.tsx';

/** One's own passkeys, with the way to change each. */
export function OwnPasskeys({ passkeys }: { passkeys: Passkey[] }) {
  if (passkeys.length === 0) {
    return (
      <p className="card-body soft">
        A passkey signs you in with your fingerprint, face or PIN, instead of password and code. It stays on your
        device.
      </p>
    );
  }
  return (
    <Table
      label="Passkeys"
      rows={passkeys}
      rowKey={(row) => row.id}
      columns={[
        {
          head: 'Passkey',
          cell: (row) => (
            <>
              <RowLink to={`/account/passkeys/${row.id}`}>{row.name}</RowLink>
              {row.is_here ? null : <span className="cell-note">Works at {row.host} only</span>}
            </>
          ),
        },
        {
          head: 'Last used',
          cell: (row) =>
            row.last_used_at ? <Instant value={row.last_used_at} /> : <span className="faint">Never</span>,
        },
        { head: 'Added', from: 'medium', cell: (row) => <Instant value={row.created_at} /> },
      ]}
    />
  );
}

export function AddPasskey() {
  return (
    <Link className="button" to="/account/passkeys/new">
      Add a passkey
    </Link>
  );
}
