import type { Contact } from '../../server/contexts/merchant-org/schemas.ts';
import { Card } from './card.tsx';

/** Whom to ask for at a MerchantOrg or merchant. */
export function ContactsCard({ contacts }: { contacts: Contact[] }) {
  if (contacts.length === 0) return null;
  return (
    <Card title="Contacts">
      <ul className="plain-list">
        {contacts.map(({ name, role, email, phone }) => (
          <li key={`${name} ${email} ${phone}`}>
            <span>
              <strong>{name}</strong>
              {role ? <span className="cell-note">{role}</span> : null}
            </span>
            <span>
              {email ? <a href={`mailto:${email}`}>{email}</a> : null}
              {phone ? <span className="cell-note">{phone}</span> : null}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
