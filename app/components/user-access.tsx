import { Form } from '@remix-run/react';
import type { AccessAnswer } from '../../server/contexts/role-assignment/schemas.ts';
import { humanize, permissionLabel } from '../labels.ts';
import type { PlaceChoice } from '../team-places.ts';
import { Card } from './card.tsx';
import { SelectFilter } from './filters.tsx';
import { Icon } from './icon.tsx';

type Props = {
  name: string;
  /** What was asked: a place, and perhaps one permission. */
  values: Record<string, string>;
  places: PlaceChoice[];
  answers: AccessAnswer[];
};

/** What somebody may do at a place, and of one permission why or why not. */
export function UserAccess({ name, values, places, answers }: Props) {
  const asked = answers.find(({ permission }) => permission === values.ask);
  const permissions = answers.map(({ permission }) => ({ value: permission, label: permissionLabel(permission) }));
  const choices = places.map(({ value, label, group }) => ({
    value,
    label: group ? `${label} (${ONE[group]})` : label,
  }));
  const rows = [...Map.groupBy(answers, ({ permission }) => permission.split(':', 1)[0] ?? '')].map(
    ([resource, own]) => ({ resource, own }),
  );
  const waits = WAITING[answers.find(isWaiting)?.reason ?? 'granted'];
  return (
    <Card title="What they may do">
      <Form
        method="get"
        className="filters access-question"
        preventScrollReset
        role="search"
        aria-label="Ask what they may do"
      >
        <SelectFilter name="at" label="At" values={values} choices={choices} isNeeded />
        <SelectFilter name="ask" label="One permission" values={values} choices={permissions} />
        <button type="submit" className="button">
          Ask
        </button>
      </Form>
      {asked ? <Answer name={name} answer={asked} /> : null}
      {waits ? <p className="card-note">{waits} What their roles will give is named in grey.</p> : null}
      <Resources rows={rows.filter(({ own }) => own.some(isGiven))} />
      <details className="access-rest">
        <summary className="access-resource">What they may not do here</summary>
        <Resources rows={rows.filter(({ own }) => !own.some(isGiven))} />
      </details>
    </Card>
  );
}

/** What keeps somebody from everything that their roles give. */
const WAITING: Partial<Record<AccessAnswer['reason'], string>> = {
  not_active: 'Their account is not active, and until it is they may do nothing.',
  second_factor: 'A role asks for a second factor, and until they have set one up they may do nothing.',
};

const isWaiting = ({ reason }: AccessAnswer) => reason in WAITING;
const isGiven = (answer: AccessAnswer) => answer.is_allowed || isWaiting(answer);

function Resources({ rows }: { rows: { resource: string; own: AccessAnswer[] }[] }) {
  return (
    <ul className="access">
      {rows.map(({ resource, own }) => (
        <li key={resource}>
          <Resource resource={resource} answers={own} />
        </li>
      ))}
    </ul>
  );
}

const ONE = { MerchantOrgs: 'MerchantOrg', Merchants: 'merchant' } as const;

function Answer({ name, answer }: { name: string; answer: AccessAnswer }) {
  const { permission, is_allowed, explanation, roles } = answer;
  return (
    <div className={`access-answer ${is_allowed ? 'access-yes' : 'access-no'}`} role="status">
      <Icon name={is_allowed ? 'check' : 'close'} />
      <div>
        <strong>
          {name} {is_allowed ? 'may' : 'may not'} do this: {permissionLabel(permission)}.
        </strong>
        <p>{explanation}</p>
        {is_allowed ? null : <p>Roles that give it: {roles.map((role) => role.name).join(', ') || 'none'}.</p>}
      </div>
    </div>
  );
}

function Resource({ resource, answers }: { resource: string; answers: AccessAnswer[] }) {
  const given = answers.filter(isGiven);
  const isNow = given.some(({ is_allowed }) => is_allowed);
  return (
    <details>
      <summary className="access-resource">
        <span>{humanize(resource)}</span>
        <span className={isNow ? 'access-some' : 'faint'}>{inBrief(given, answers.length)}</span>
      </summary>
      <ul>
        {answers.map(({ permission, is_allowed, explanation }) => (
          <li key={permission} className={is_allowed ? 'access-yes' : 'access-no'}>
            <Icon name={is_allowed ? 'check' : 'close'} size={14} />
            <span>
              <span className="visually-hidden">{is_allowed ? 'May ' : 'May not '}</span>
              {humanize(permission.split(':')[1] ?? '')}
            </span>
            <span className="soft">{explanation}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Which of a resource's actions, as far as they fit a line. */
function inBrief(given: AccessAnswer[], of: number): string {
  if (given.length === of && of > 1) return `Everything (${of})`;
  if (given.length > 4) return `${given.length} of ${of}`;
  const actions = given.map(({ permission }) => (permission.split(':')[1] ?? '').replaceAll('_', ' '));
  return given.length === 0 ? 'Nothing' : humanize(actions.join(', '));
}
