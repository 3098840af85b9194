import { Form, Link } from '@remix-run/react';
import {
  type FeatureFlag,
  type FeatureFlagChange,
  type FeatureFlagOverride,
  OPERATORS,
} from '../../server/contexts/feature-flag/schemas.ts';
import { mistakenAttributes, sharesText, valueText } from '../flag-form.ts';
import type { Trial } from '../flag-trial.ts';
import { humanize } from '../labels.ts';
import { Card, Fact, Facts } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import type { Choice } from './filters.tsx';
import { ListFoot } from './list-foot.tsx';
import { Notice } from './notice.tsx';
import { Table } from './table.tsx';
import { Instant } from './time.tsx';

export function FlagFacts({ flag }: { flag: FeatureFlag }) {
  return (
    <Card title="Details" padded>
      <Facts>
        <Fact name="Key">
          <code>{flag.key}</code>
        </Fact>
        <Fact name="Type">{humanize(flag.type)}</Fact>
        {flag.variants.map(({ name, value }) => (
          <Fact key={name} name={`Variant ${name}`}>
            {value === '' ? 'Empty text' : <code>{valueText(value)}</code>}
          </Fact>
        ))}
        <Fact name="While it is off">{flag.off_variant}</Fact>
        {flag.is_built_in ? <Fact name="Asked for by">This portal</Fact> : null}
        <Fact name="Changed">
          <Instant value={flag.updated_at} />
        </Fact>
      </Facts>
    </Card>
  );
}

/** Warns of attributes that are easily taken for one that evaluation knows. */
export function MistakenAttributes({ attributes }: { attributes: string[] }) {
  const mistaken = mistakenAttributes(attributes);
  if (mistaken.length === 0) return null;
  return (
    <Notice tone="warn">
      A rule asks for {mistaken.join(' and ')}. Evaluation knows a merchant by merchant_id alone: choose the merchants
      of the rule instead, unless your own programs send that attribute.
    </Notice>
  );
}

type RulesProps = { flag: FeatureFlag; merchants: Choice[] };

/** Who gets what, in the order in which it is asked. */
export function FlagRules({ flag, merchants }: RulesProps) {
  const nameOf = (attribute: string, value: string) =>
    (attribute === 'merchant_id' && merchants.find((each) => each.value === value)?.label) || value;
  return (
    <Card title="Who gets what" padded>
      <MistakenAttributes
        attributes={flag.rules.flatMap(({ conditions }) => conditions.map(({ attribute }) => attribute))}
      />
      {flag.is_enabled ? null : <p>It is switched off: everybody gets {flag.off_variant}. Otherwise:</p>}
      <ol className="flag-steps">
        <li>A merchant with a variant of its own gets that.</li>
        {flag.rules.map((rule, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is named by its place
          <li key={at}>
            {rule.name ? <strong>{rule.name}: </strong> : null}
            When{' '}
            {rule.conditions
              .map(({ attribute, operator, values }) =>
                `${attribute} ${OPERATORS[operator]} ${values.map((value) => nameOf(attribute, value)).join(', ')}`.trim(),
              )
              .join(' and ')}
            : {sharesText(rule.serve)}
          </li>
        ))}
        <li>Everybody else: {sharesText(flag.rollout)}</li>
      </ol>
    </Card>
  );
}

type OverridesProps = { flagId: string; page: { data: FeatureFlagOverride[]; next_cursor: string | null } };

/** The merchants whom neither rules nor shares decide about. */
export function FlagOverrides({ flagId, page }: OverridesProps) {
  return (
    <Card title="Merchants with a variant of their own">
      {page.data.length === 0 ? (
        <p className="card-body faint">None. A merchant gets one on its own page, under Flags.</p>
      ) : (
        <Table
          label="Merchants with a variant of their own"
          rows={page.data}
          rowKey={(row) => row.id}
          columns={[
            {
              head: 'Merchant',
              cell: (row) => <Link to={`/merchants/${row.merchant_id}/flags`}>{row.merchant_name}</Link>,
            },
            { head: 'Variant', cell: (row) => row.variant },
            { head: 'Since', from: 'medium', cell: (row) => <Instant value={row.updated_at} /> },
          ]}
        />
      )}
      <ListFoot
        shown={page.data.length}
        nextCursor={page.next_cursor}
        download={`/api/feature-flags/${flagId}/overrides`}
        filters={{}}
      />
    </Card>
  );
}

const DECIDED: Record<string, string> = {
  switch: 'The flag is switched off.',
  merchant: 'The merchant has this variant of its own.',
  rollout: 'No rule holds, so the shares of everybody count.',
};

/** Evaluates for a context by a plain GET form. */
export function FlagTrial({ trial }: { trial: Trial }) {
  const { values, result, problem } = trial;
  return (
    <Card title="Try it" padded>
      {problem ? <Notice tone="bad">{problem}</Notice> : null}
      {result ? (
        <Notice tone="good">
          <strong>
            {result.variant}: {valueText(result.value)}
          </strong>
          <p>
            {DECIDED[String(result.metadata.decided_by)] ?? `Rule ${result.metadata.rule} holds.`}
            {result.metadata.bucket === undefined
              ? null
              : ` The targeting key falls into bucket ${result.metadata.bucket} of 100,000.`}
          </p>
        </Notice>
      ) : null}
      <Form method="get" className="form" preventScrollReset>
        <div className="field">
          <label htmlFor="try-key">Targeting key</label>
          <input
            id="try-key"
            name="targetingKey"
            className="control"
            defaultValue={values.targetingKey}
            maxLength={200}
          />
          <span className="hint">Whom shares go by: a person, a merchant, a device</span>
        </div>
        <div className="field">
          <label htmlFor="try-merchant">Merchant ID</label>
          <input
            id="try-merchant"
            name="merchant_id"
            className="control"
            defaultValue={values.merchant_id}
            maxLength={36}
          />
        </div>
        <div className="field">
          <label htmlFor="try-attributes">Attributes</label>
          <textarea
            id="try-attributes"
            name="attributes"
            className="control"
            rows={3}
            defaultValue={values.attributes}
          />
          <span className="hint">One a line, like tier = gold</span>
        </div>
        <div className="form-foot">
          <button type="submit" className="button">
            Evaluate
          </button>
        </div>
      </Form>
    </Card>
  );
}

/** Columns that say nothing by themselves. */
const UNTOLD: ReadonlySet<string> = new Set(['id', 'salt', 'version', 'created_at', 'updated_at']);

/** `revert`: what the form of going back needs; left out where nobody may. */
type HistoryProps = {
  changes: FeatureFlagChange[];
  revert?: Pick<Parameters<typeof ChoiceForm>[0], 'formKey' | 'state' | 'version'>;
};

export function FlagHistory({ changes, revert }: HistoryProps) {
  return (
    <Card title="History">
      {changes.length === 0 ? <p className="card-body faint">As it came with the product.</p> : null}
      <ul className="feed">
        {changes.map(({ event_id, recorded_at, actor_name, summary, before, after }, at) => (
          <li key={event_id}>
            <span>
              {summary}
              {before ? (
                <span className="cell-note">
                  {Object.keys(after ?? {})
                    .filter((name) => !UNTOLD.has(name))
                    .map((name) => `${humanize(name)}: ${told(name, before[name])}, now ${told(name, after?.[name])}`)
                    .join('; ')}
                </span>
              ) : null}
            </span>
            <span className="feed-note">
              {actor_name} · <Instant value={recorded_at} />
            </span>
            {revert && at > 0 ? (
              <ChoiceForm
                {...revert}
                intent={`revert-${event_id}`}
                title="Go back to this"
                button="Go back to it"
                labels={{}}
              >
                <p>
                  The flag becomes what it was after this change, as a new version. Whether it is on stays as it is.
                </p>
              </ChoiceForm>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function told(name: string, value: unknown): string {
  if (name === 'rollout') return sharesText(value as FeatureFlag['rollout']);
  if (name === 'rules') return `${(value as unknown[]).length}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null || value === undefined ? '–' : valueText(value);
}
