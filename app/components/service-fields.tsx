import { SERVICE_LABELS as labels } from '../set-up-form.ts';
import { ChoicesField, SelectField, TextField } from './field.tsx';

type Named = { id: string; name: string }[];
type Props = { currency: string; categories: Named; providers: Named };

const choicesOf = (things: Named) => things.map(({ id, name }) => ({ value: id, label: name }));

export function ServiceFields({ currency, categories, providers }: Props) {
  return (
    <>
      <TextField name="name" label={labels.name} maxLength={200} required />
      <div className="form-grid">
        <TextField
          name="default_duration_minutes"
          label={labels.default_duration_minutes}
          inputMode="numeric"
          maxLength={4}
          required
        />
        <TextField
          name="buffer_minutes"
          label={labels.buffer_minutes}
          inputMode="numeric"
          maxLength={3}
          hint="Before the next visit can begin"
        />
        <TextField
          name="default_price"
          label={`${labels.default_price} (${currency})`}
          inputMode="decimal"
          maxLength={40}
          required
        />
        {categories.length > 0 ? (
          <SelectField name="category_id" label={labels.category_id} choices={choicesOf(categories)} empty="None" />
        ) : null}
      </div>
      <TextField name="description" label={labels.description} maxLength={2000} />
      {providers.length > 1 ? (
        <ChoicesField
          name="provider_ids"
          label={labels.provider_ids}
          choices={choicesOf(providers)}
          hint="With none ticked, everybody who works here does."
        />
      ) : null}
    </>
  );
}
