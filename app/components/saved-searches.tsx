import { Form, Link } from '@remix-run/react';
import type { SavedSearch } from '../../server/contexts/saved-search/schemas.ts';
import type { FormState } from '../forms.ts';
import { Card } from './card.tsx';
import { ChoiceForm } from './choice-form.tsx';
import { TextField } from './field.tsx';

type Props = {
  searches: SavedSearch[];
  /** Whether there is anything to save. */
  isFiltered: boolean;
  formKey: string;
  state: FormState | undefined;
};

const LABELS = { name: 'Name' };

/** Searches that this person keeps: run one, save the one at hand, rename or delete one. */
export function SavedSearches({ searches, isFiltered, formKey, state }: Props) {
  return (
    <Card title="Saved searches">
      {searches.length === 0 ? (
        <p className="card-body soft">Set filters, apply them, and save them here under a name.</p>
      ) : (
        <ul className="card-body saved-searches">
          {searches.map((search) => (
            <li key={`${search.id} ${search.version}`}>
              <Link to={`/audit?${new URLSearchParams(search.filters)}`}>{search.name}</Link>
              <details className="saved-search-more">
                <summary aria-label={`Change ${search.name}`}>Change</summary>
                <Form method="post" className="saved-search-forms">
                  <input type="hidden" name="id" value={search.id} />
                  <label htmlFor={`rename-${search.id}`}>New name</label>
                  <input
                    id={`rename-${search.id}`}
                    name="name"
                    className="control"
                    defaultValue={search.name}
                    maxLength={100}
                    required
                  />
                  <button className="button" type="submit" name="intent" value="rename">
                    Rename
                  </button>
                  <button className="button button-plain" type="submit" name="intent" value="delete" formNoValidate>
                    Delete
                  </button>
                </Form>
              </details>
            </li>
          ))}
        </ul>
      )}
      {isFiltered || state?.values.intent === 'save' ? (
        <ChoiceForm
          intent="save"
          title="Save this search"
          button="Save"
          formKey={formKey}
          state={state}
          labels={LABELS}
        >
          <TextField
            name="name"
            label="Name"
            maxLength={100}
            required
            hint="Dates are not kept: choose them each time"
          />
        </ChoiceForm>
      ) : null}
    </Card>
  );
}
