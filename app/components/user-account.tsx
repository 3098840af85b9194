import type { ReactNode } from 'react';
import type { User } from '../../server/contexts/user/schemas.ts';
import type { FormState } from '../forms.ts';
import { Card, Fact, Facts } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';
import { Instant } from './time.tsx';

export type UserMay = {
  rename: boolean;
  disable: boolean;
  remove: boolean;
  resend: boolean;
  resetFactor: boolean;
  unlink: boolean;
};

type Props = { user: User; isSelf: boolean; may: UserMay; formKey: string; state: FormState | undefined };

/** Who somebody is here, how they sign in, and what can be done about it. */
export function UserAccount({ user, isSelf, may, formKey, state }: Props) {
  const common = { formKey, state, labels: { name: 'Name' }, version: user.version };
  return (
    <Card title="Account">
      <div className="card-body">
        <Facts>
          <Fact name="E-mail">
            <a href={`mailto:${user.email}`}>{user.email}</a>
          </Fact>
          <Fact name="Last seen">{user.last_seen_at ? <Instant value={user.last_seen_at} /> : 'Not yet'}</Fact>
          <Fact name="Second factor">{user.has_second_factor ? 'On' : 'Off'}</Fact>
          {user.has_single_sign_on ? <Fact name="Single sign-on">Linked</Fact> : null}
          {user.invitation_expires_at ? (
            <Fact name="Invitation open until">
              <Instant value={user.invitation_expires_at} />
            </Fact>
          ) : null}
          <Fact name={user.status === 'invited' ? 'Invited' : 'Here since'}>
            <Instant value={user.created_at} />
          </Fact>
        </Facts>
      </div>
      {may.rename ? (
        <ChoiceForm {...common} intent="rename" title="Rename" button="Save the name" values={{ name: user.name }}>
          <TextField name="name" label="Name" maxLength={200} required />
        </ChoiceForm>
      ) : null}
      {isSelf ? null : <Steps user={user} may={may} common={common} />}
    </Card>
  );
}

type Common = Pick<Parameters<typeof ChoiceForm>[0], 'formKey' | 'state' | 'labels' | 'version'>;

/** What nobody does to their own account. */
function Steps({ user, may, common }: { user: User; may: UserMay; common: Common }) {
  const isInvited = user.status === 'invited';
  return (
    <>
      {isInvited && may.resend ? (
        <Step {...common} intent="resend" title="Mail the invitation again" button="Mail a new link">
          The new link works for seven days; the one before works no longer.
        </Step>
      ) : null}
      {user.has_second_factor && may.resetFactor ? (
        <Step {...common} intent="reset-factor" title="Reset the second factor" button="Reset the second factor">
          For somebody who has lost it. Make sure that it is them who ask. All their sessions end.
        </Step>
      ) : null}
      {user.has_single_sign_on && may.unlink ? (
        <Step {...common} intent="unlink" title="Unlink single sign-on" button="Unlink single sign-on">
          When they come again through a provider, their verified address links the account anew.
        </Step>
      ) : null}
      {user.status === 'active' && may.disable ? (
        <Step {...common} intent="disable" title="Disable" button={`Disable ${user.name}`}>
          They are signed out everywhere and cannot sign in. Their roles wait until they are enabled again.
        </Step>
      ) : null}
      {user.status === 'disabled' && may.disable ? (
        <Step {...common} intent="enable" title="Enable" button={`Enable ${user.name}`}>
          They can sign in again, with the roles that they have.
        </Step>
      ) : null}
      {may.remove ? (
        <Step
          {...common}
          intent="remove"
          title={isInvited ? 'Take the invitation back' : 'Remove'}
          button={isInvited ? 'Take it back' : `Remove ${user.name}`}
        >
          {isInvited
            ? 'The link works no longer, and the account is gone.'
            : 'The account is gone, with its roles and sessions. What they did stays on record. This cannot be undone.'}
        </Step>
      ) : null}
    </>
  );
}

type StepProps = Common & { intent: string; title: string; button: string; children: ReactNode };

function Step({ children, ...form }: StepProps) {
  return (
    <ChoiceForm {...form}>
      <p className="soft">{children}</p>
    </ChoiceForm>
  );
}
