import { Form } from '@remix-run/react';

type Props = { fields: Record<string, string>; formKey: string; what: string };

/** Ticks a task off. */
export function DoneForm({ fields, formKey, what }: Props) {
  return (
    <Form method="post" preventScrollReset>
      <input type="hidden" name="idempotency_key" value={formKey} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className="button button-small" aria-label={`Done: ${what}`}>
        Done
      </button>
    </Form>
  );
}
