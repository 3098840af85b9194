import { Link } from '@remix-run/react';
import type { RoleAssignment } from '../../server/contexts/role-assignment/schemas.ts';
import type { FormState } from '../forms.ts';
import { ROLE_FIELDS } from '../role-rows.ts';
import { lastDay, WHOLE_TENANT } from '../team-places.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';
import { type RoleChoices, RoleFields } from './role-fields.tsx';
import { CalendarDate, Instant } from './time.tsx';
import { useTenant } from './use-tenant.ts';

export type RolesMay = { give: boolean; change: boolean; take: boolean };

type Form = { formKey: string; state: FormState | undefined };
type Props = Form & { held: RoleAssignment[]; choices: RoleChoices; may: RolesMay; isSelf: boolean };

/** The roles of a person: where each holds, until when and by whom; and what can be done about it. */
export function UserRoles({ held, choices, may, isSelf, ...form }: Props) {
  return (
    <Card title="Roles">
      {held.length > 0 ? (
        <ul className="assignments">
          {held.map((assignment) => (
            <li key={assignment.id}>
              <Held assignment={assignment} />
              {isSelf ? null : <Changes assignment={assignment} may={may} {...form} />}
            </li>
          ))}
        </ul>
      ) : (
        <p className="card-note">They hold no role, and may do nothing here but mind their own account.</p>
      )}
      {isSelf ? <p className="card-note">Nobody changes their own roles: somebody else has to do this.</p> : null}
      {may.give && !isSelf ? (
        <ChoiceForm
          {...form}
          intent="give"
          title="Give a role"
          button="Give the role"
          labels={ROLE_FIELDS}
          values={choices.places.length === 1 ? { place: choices.places[0]?.value ?? '' } : {}}
        >
          <RoleFields {...choices} />
        </ChoiceForm>
      ) : null}
    </Card>
  );
}

function Held({ assignment }: { assignment: RoleAssignment }) {
  const { time_zone } = useTenant();
  const { role_id, role_name, place, expires_at, is_expired, granted_by, granted_by_name, created_at } = assignment;
  return (
    <div className="assignment">
      <div>
        <Link to={`/team/roles/${role_id}`}>{role_name}</Link> <span className="soft">· {place ?? WHOLE_TENANT}</span>
      </div>
      {is_expired ? <Badge status="expired" /> : null}
      <span className="cell-note">
        {expires_at ? (
          <>
            {is_expired ? 'Held through ' : 'Holds through '}
            <CalendarDate value={lastDay(expires_at, time_zone)} />
            {' · given '}
          </>
        ) : (
          'Without end · given '
        )}
        {granted_by_name && granted_by ? `by ${granted_by_name} ` : ''}
        <Instant value={created_at} />
      </span>
    </div>
  );
}

function Changes({ assignment, may, ...form }: Form & { assignment: RoleAssignment; may: RolesMay }) {
  const { time_zone } = useTenant();
  const { id, version, role_name, expires_at } = assignment;
  const common = { ...form, labels: ROLE_FIELDS, version };
  return (
    <>
      {may.change ? (
        <ChoiceForm
          {...common}
          intent={`end-${id}`}
          title="Change its end"
          button="Save the end"
          values={{ until: lastDay(expires_at, time_zone) }}
        >
          <TextField name="until" label="Last day" type="date" hint="Left empty, it holds without end" />
        </ChoiceForm>
      ) : null}
      {may.take ? (
        <ChoiceForm {...common} intent={`take-${id}`} title="Take it away" button={`Take ${role_name}`}>
          <p className="soft">They may no longer do what only this role lets them do, from now on.</p>
        </ChoiceForm>
      ) : null}
    </>
  );
}
