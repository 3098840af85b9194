import { AT_REST, type PartyStatus } from '../../server/contexts/merchant-org/schemas.ts';
import type { FormState } from '../forms.ts';
import { partyMoves } from '../party-form.ts';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';

const MOVES = {
  activate: { title: 'Go live', button: 'Go live', why: false },
  suspend: { title: 'Suspend', button: 'Suspend', why: true },
  resume: { title: 'Resume', button: 'Resume', why: false },
  close: { title: 'Close for good', button: 'Close for good', why: true },
} as const;

const WORDS = {
  merchant: {
    activate: 'From now on it takes bookings and money.',
    suspend: 'It stays, and pauses until it is resumed.',
    resume: 'It works again as before.',
    close: 'It cannot be opened again. Its books and history stay.',
  },
  merchant_org: {
    activate: 'It is done with its own onboarding. Its merchants go live each by themselves.',
    suspend: 'None of its merchants can go live or be resumed until it is resumed.',
    resume: 'Its merchants can go live and be resumed again.',
    close: 'All its merchants are closed before. It cannot be opened again; its books and history stay.',
  },
};

type Props = {
  kind: 'merchant' | 'merchant_org';
  party: { status: PartyStatus; status_reason: string | null; archived_at: string | null; version: number };
  may: { update: boolean; suspend: boolean; archive: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What can become of a MerchantOrg or merchant as it is now, each step opened before it is taken. */
export function PartyActions({ kind, party, may, formKey, state }: Props) {
  const isArchived = party.archived_at !== null;
  const common = { formKey, state, version: party.version, labels: { status_reason: 'Reason' } };
  const moves = may.update && !isArchived ? partyMoves(party.status, may.suspend) : [];
  const mayArchive = may.archive && !isArchived && AT_REST.includes(party.status);
  const mayRestore = may.archive && isArchived;
  if (moves.length === 0 && !mayArchive && !mayRestore) return null;
  return (
    <Card title="Status">
      {moves.map((move) => (
        <ChoiceForm key={move} intent={move} title={MOVES[move].title} button={MOVES[move].button} {...common}>
          <p className="hint">{WORDS[kind][move]}</p>
          {MOVES[move].why ? <TextField name="status_reason" label="Reason" maxLength={500} /> : null}
        </ChoiceForm>
      ))}
      {mayArchive ? (
        <ChoiceForm intent="archive" title="Archive" button="Archive" {...common}>
          <p className="hint">It leaves the lists and can be restored.</p>
        </ChoiceForm>
      ) : null}
      {mayRestore ? (
        <ChoiceForm intent="restore" title="Restore" button="Restore" {...common}>
          <p className="hint">It is archived. Restored, it is in the lists again.</p>
        </ChoiceForm>
      ) : null}
    </Card>
  );
}
