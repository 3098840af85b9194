import { Link } from '@remix-run/react';
import type { PartyPeople } from '../party-data.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';

/** Who works at a MerchantOrg or merchant, and as what. */
export function PeopleCard({ people: { data, hasMore, href } }: { people: PartyPeople }) {
  return (
    <Card title="People" action={<Link to={href}>{hasMore ? 'See all' : 'In the team'}</Link>}>
      <ul className="plain-list">
        {data.map(({ id, name, roles, status }) => (
          <li key={id}>
            <span>
              <Link to={`/team/${id}`}>{name}</Link>
              <span className="cell-note">{roles}</span>
            </span>
            {status === 'active' ? null : <Badge status={status} />}
          </li>
        ))}
        {data.length === 0 ? <li className="faint">Nobody of its own yet.</li> : null}
      </ul>
    </Card>
  );
}
