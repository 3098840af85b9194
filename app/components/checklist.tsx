import { Link, useLocation } from '@remix-run/react';
import type { Onboarding, OnboardingState } from '../../server/contexts/onboarding/schemas.ts';
import type { FormState } from '../forms.ts';
import { withNext } from '../safe-next.ts';
import { Badge } from './badge.tsx';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';
import { Icon } from './icon.tsx';
import { Instant } from './time.tsx';

type Props = {
  checklist: Onboarding;
  title?: string;
  /** Where the wizard goes on with it. */
  wizard?: string;
  may: { accept: boolean; waive: boolean; update: boolean };
  formKey: string;
  state: FormState | undefined;
};

/** What a MerchantOrg or merchant brings before it is live: what is done, what is missing, and what that blocks. */
export function Checklist({ checklist, title = 'Onboarding', wizard, may, formKey, state }: Props) {
  return (
    <Card title={title} action={wizard ? <Link to={wizard}>Continue step by step</Link> : null}>
      <div className="card-body checklist-head">
        <Progress checklist={checklist} />
        <Blocking checklist={checklist} />
      </div>
      <ul className="checklist">
        {checklist.items.map((item) => (
          <Item key={item.item} {...{ item, checklist, may, formKey, state }} />
        ))}
      </ul>
    </Card>
  );
}

export function Progress({ checklist: { items, progress } }: { checklist: Pick<Onboarding, 'items' | 'progress'> }) {
  const open = items.filter(({ state }) => state === 'missing').length;
  return (
    <div className="onboard-progress">
      <progress max={100} value={progress} aria-label="Done" />
      <span>
        {items.length - open} of {items.length} done
      </span>
    </div>
  );
}

export function Blocking({ checklist: { items, blocking } }: { checklist: Pick<Onboarding, 'items' | 'blocking'> }) {
  const labels = items.filter(({ item }) => blocking.includes(item)).map(({ label }) => label);
  if (labels.length > 0) {
    return (
      <p className="blocking">
        <Icon name="alert" size={14} /> Blocks going live: {labels.join(', ')}
      </p>
    );
  }
  return <p className="hint blocking-none">Nothing blocks going live.</p>;
}

export function ItemMark({ state }: { state: OnboardingState['state'] }) {
  const words = { done: 'done', waived: 'waived', missing: 'missing' }[state];
  return (
    <span className={state === 'missing' ? 'step-mark' : 'step-mark step-done'}>
      {state === 'done' ? <Icon name="check" size={13} /> : state === 'waived' ? '–' : null}
      <span className="visually-hidden">{words}</span>
    </span>
  );
}

type ItemProps = Omit<Props, 'title' | 'wizard'> & { item: OnboardingState };

function Item({ item, checklist, may, formKey, state }: ItemProps) {
  const { item: name, waiver } = item;
  const { pathname, search } = useLocation();
  const isMissing = item.state === 'missing';
  const isOfTerms = name === 'terms';
  const form = { formKey, state };
  return (
    <li>
      <div className="checklist-item">
        <ItemMark state={item.state} />
        <div>
          <strong>{item.label}</strong>
          {item.is_required && isMissing ? <Badge status="pending" label="Needed to go live" /> : null}
          <span className="cell-note">
            {waiver ? (
              <>
                Waived by {waiver.waived_by}, <Instant value={waiver.waived_at} />: {waiver.reason}
              </>
            ) : (
              item.help
            )}
          </span>
          {isOfTerms ? <AcceptanceNote terms={checklist.terms} /> : null}
        </div>
        {isMissing && !isOfTerms && may.update ? (
          <Link className="button" to={withNext(item.path, pathname + search)}>
            Do it<span className="visually-hidden">: {item.label}</span>
          </Link>
        ) : null}
      </div>
      {isMissing && isOfTerms && may.accept ? <AcceptTerms checklist={checklist} {...form} /> : null}
      {isMissing && may.waive ? (
        <ChoiceForm
          {...form}
          intent={`waive:${checklist.id}:${name}`}
          title={`Go live without: ${item.label.toLowerCase()}`}
          button="Waive it"
          labels={{ reason: 'Reason' }}
        >
          <TextField name="reason" label="Reason" maxLength={500} required />
        </ChoiceForm>
      ) : null}
      {item.state === 'waived' && may.waive ? (
        <ChoiceForm
          {...form}
          intent={`unwaive:${checklist.id}:${name}`}
          title={`Ask for it again: ${item.label.toLowerCase()}`}
          button="Ask for it again"
          labels={{}}
        />
      ) : null}
    </li>
  );
}

/** Who agreed to which version, and whether that is still the one in force. */
export function AcceptanceNote({ terms: { version, acceptance } }: Pick<Onboarding, 'terms'>) {
  if (!acceptance) return null;
  return (
    <span className="cell-note">
      {acceptance.accepted_by} accepted version {acceptance.terms_version} on <Instant value={acceptance.accepted_at} />
      {acceptance.terms_version === version ? '' : `; now they are in version ${version}`}
      {acceptance.recorded_by === acceptance.accepted_by ? '' : `. Recorded by ${acceptance.recorded_by}`}
    </span>
  );
}

type AcceptProps = Pick<Props, 'checklist' | 'formKey' | 'state'>;

/** Records who agreed to the terms as they are now. */
export function AcceptTerms({ checklist: { id, name, terms }, formKey, state }: AcceptProps) {
  return (
    <ChoiceForm
      {...{ formKey, state }}
      intent={`accept:${id}`}
      title={`Accept the terms for ${name}`}
      button="Record the acceptance"
      labels={{ accepted_by: 'Accepted by', version: 'Version' }}
    >
      <p>
        Version {terms.version}
        {terms.url ? (
          <>
            :{' '}
            <a href={terms.url} target="_blank" rel="noreferrer">
              read the terms
            </a>
          </>
        ) : null}
      </p>
      <input type="hidden" name="terms_version" value={terms.version} />
      <TextField
        name="accepted_by"
        label="Accepted by"
        hint="The person who agreed on its behalf"
        maxLength={200}
        required
      />
    </ChoiceForm>
  );
}
