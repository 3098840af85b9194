import { humanize } from '../labels.ts';
import type { viewInput } from '../saved-views.ts';
import { Fact, Facts } from './card.tsx';

/** What a view keeps, in words; the ids of things stay unsaid. */
export function ViewFacts({ view: { filters, sort, columns } }: { view: ReturnType<typeof viewInput> }) {
  const isId = (value: string) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);
  const said = Object.entries(filters).map(([name, value]) => {
    const what = humanize(name.replace(/_id$/, ''));
    return isId(value) ? `${what}: one chosen` : `${what}: ${value === 'true' ? 'yes' : value}`;
  });
  return (
    <Facts>
      <Fact name="Filters">{said.join(', ')}</Fact>
      <Fact name="Order">
        {sort ? `${humanize(sort.replace(/^-/, ''))}${sort.startsWith('-') ? ', descending' : ''}` : ''}
      </Fact>
      <Fact name="Columns">{columns?.map(humanize).join(', ')}</Fact>
    </Facts>
  );
}
