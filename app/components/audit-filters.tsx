import { humanize } from '../labels.ts';
import { type Choice, DateFilter, Filters, MoreFilters, SearchFilter, SelectFilter } from './filters.tsx';

const choices = (values: string[]) => values.map((value) => ({ value, label: humanize(value) }));
const ACTORS = choices(['staff', 'system', 'ai_agent', 'end_customer']);
const OUTCOMES = choices(['success', 'denied', 'failure']);
const SELDOM = ['merchant_id', 'actor_id', 'resource_id', 'address', 'action'];

type Props = { values: Record<string, string>; merchants: Choice[]; resources: string[] };

/** What the audit log is narrowed by; what is seldom needed is folded away. */
export function AuditFilters({ values, merchants, resources }: Props) {
  return (
    <Filters values={values}>
      <SearchFilter name="q" label="Search" values={values} placeholder="Words, ids" />
      <SelectFilter name="actor_type" label="Actor" values={values} choices={ACTORS} />
      <SelectFilter name="resource_type" label="Resource" values={values} choices={choices(resources)} />
      <SelectFilter name="outcome" label="Outcome" values={values} choices={OUTCOMES} />
      <DateFilter name="from" label="From" values={values} />
      <DateFilter name="to" label="To" values={values} />
      <MoreFilters isOpen={SELDOM.some((name) => values[name])}>
        {merchants.length > 0 ? (
          <SelectFilter name="merchant_id" label="Merchant" values={values} choices={merchants} />
        ) : null}
        <SearchFilter name="action" label="Action" values={values} placeholder="Full name" isNarrow />
        <SearchFilter name="address" label="Address" values={values} placeholder="Exact" isNarrow />
        <SearchFilter name="actor_id" label="Actor id" values={values} placeholder="Exact" isNarrow />
        <SearchFilter name="resource_id" label="Resource id" values={values} placeholder="Exact" isNarrow />
      </MoreFilters>
    </Filters>
  );
}
