import { Link } from '@remix-run/react';
import { type Duplicate, type Prospect, prospectStates } from '../../server/contexts/prospect/schemas.ts';
import { humanize } from '../labels.ts';
import { ACTIVITY_KINDS, LOST_REASONS } from '../prospect-form.ts';
import { Badge } from './badge.tsx';
import { Fact } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { SelectField, TextAreaField, TextField } from './field.tsx';

/** Tasks are for prospects that are worked on. */
export function ActivityFields({ hasTasks }: { hasTasks: boolean }) {
  return (
    <>
      <div className="form-grid">
        <SelectField
          name="kind"
          label="Kind"
          choices={ACTIVITY_KINDS.filter(({ value }) => hasTasks || value !== 'task')}
          required
        />
        {hasTasks ? <TextField name="due_on" label="Due on" type="date" hint="For a task" /> : null}
      </div>
      <TextField name="subject" label="Subject" maxLength={200} required />
      <TextAreaField name="body" label="Notes" maxLength={8000} />
    </>
  );
}

export function LoseFields() {
  return (
    <>
      <SelectField name="lost_reason" label="Why" choices={LOST_REASONS} empty="Choose one" required />
      <TextField name="reason" label="In your words" maxLength={500} />
    </>
  );
}

/** Which prospects a MerchantOrg or merchant was, with what was said before it was one. */
export function CameFrom({ prospects }: { prospects: { id: string; name: string }[] }) {
  if (prospects.length === 0) return null;
  return (
    <Fact name="Was in the pipeline as">
      {prospects.map(({ id, name }) => (
        <div key={id}>
          <Link to={`/prospects/${id}`}>{name}</Link>
        </div>
      ))}
    </Fact>
  );
}

const PLACES = { prospect: 'prospects', merchant_org: 'merchant-orgs', merchant: 'merchants' };

type ListProps = {
  prospect: Prospect;
  duplicates: Duplicate[];
  /** The other prospect of the merge that somebody came here to make. */
  merging: string | null;
  form: Omit<Parameters<typeof ChoiceForm>[0], 'title' | 'button'> | null;
};

const canMerge = ({ status }: { status: string }) =>
  (prospectStates.moves.merge.from as readonly string[]).includes(status);

/** What may be the same business, and why; the prospect whose page it is goes on, and a link leads to where the other does. */
export function DuplicateList({ prospect, duplicates, merging, form }: ListProps) {
  return (
    <ul className="plain-list">
      {duplicates.map((each) => (
        <li key={each.id}>
          <span>
            <Link to={`/${PLACES[each.kind]}/${each.id}`}>{each.name}</Link>
            <span className="cell-note">{`${humanize(each.kind)}: same ${each.matches.join(' and ')}`}</span>
          </span>
          <Badge status={each.status} />
          {form && each.kind === 'prospect' && canMerge(each) ? (
            <ChoiceForm
              {...form}
              formKey={`${form.formKey}-${each.id}`}
              title="Merge it into this one"
              button={`Merge ${each.name}`}
              isOpen={merging === each.id}
            >
              <input type="hidden" name="prospect_id" value={each.id} />
              <p className="hint">
                {prospect.name}, whose page this is, goes on: the activities of the other move here, and what is empty
                here is filled from it. This is for good.
              </p>
            </ChoiceForm>
          ) : null}
          {form && each.kind === 'prospect' && canMerge(prospect) ? (
            <Link to={`/prospects/${each.id}?merge=${prospect.id}`}>Merge this one into it instead</Link>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
