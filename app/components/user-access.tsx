import { Form } from '@remix-run/react';
import type { AccessAnswer } from '../../server/contexts/role-assignment/schemas.ts';
import { humanize } from '../labels.ts';
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
      <ul className="access">
        {[...Map.groupBy(answers, ({ permission }) => permission.split(':', 1)[0] ?? '')].map(([resource, own]) => (
          <li key={resource}>
            <Resource resource={resource} answers={own} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

const ONE = { MerchantOrgs: 'MerchantOrg', Merchants: 'merchant' } as const;

function permissionLabel(permission: string): string {
  const [resource = '', action = ''] = permission.split(':');
  return `${humanize(resource)}: ${humanize(action).toLowerCase()}`;
}

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
  const allowed = answers.filter(({ is_allowed }) => is_allowed);
  return (
    <details>
      <summary className="access-resource">
        <span>{humanize(resource)}</span>
        <span className={allowed.length === 0 ? 'faint' : 'access-some'}>{inBrief(allowed, answers.length)}</span>
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

/** All, none, or which. */
function inBrief(allowed: AccessAnswer[], of: number): string {
  if (allowed.length === 0) return 'Nothing';
  if (allowed.length === of) return of === 1 ? words(allowed) : `Everything (${of})`;
  return allowed.length <= 3 ? words(allowed) : `${allowed.length} of ${of}`;
}

function words(allowed: AccessAnswer[]): string {
  const actions = allowed.map(({ permission }) => (permission.split(':')[1] ?? '').replaceAll('_', ' '));
  return humanize(actions.join(', '));
}
