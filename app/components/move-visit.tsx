import { Form } from '@remix-run/react';
import type { Appointment } from '../../server/contexts/appointment/schemas.ts';
import type { Slot } from '../../server/contexts/availability/schemas.ts';
import { dateIn, formatTime } from '../dates.ts';
import { ChoiceForm } from './choice-form.tsx';
import { SelectField, TextField } from './field.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { useTenant } from './use-tenant.ts';

type Props = {
  visit: Appointment;
  timeZone: string;
  /** What is free on the day that was asked for; null before one is. */
  free: { day: string; slots: Slot[] } | null;
  form: Omit<Parameters<typeof ChoiceForm>[0], 'intent' | 'title' | 'button'>;
};

/** Another time for a visit: a day by a plain GET form, then one of its free times; or a time that is not offered, typed. */
export function MoveVisit({ visit, timeZone, free, form }: Props) {
  const starts = new Date(visit.starts_at);
  const day = dateIn(timeZone, starts);
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone }).format(starts);
  return (
    <>
      <details className="choice" open={free !== null}>
        <summary>Another time</summary>
        <Form method="get" className="form" preventScrollReset>
          <div className="field">
            <label htmlFor="move">Day</label>
            <input
              id="move"
              name="move"
              type="date"
              className="control"
              defaultValue={free?.day ?? day}
              min="1900-01-01"
              max="9999-12-31"
              required
            />
          </div>
          <div className="form-foot">
            <button type="submit" className="button">
              Show free times
            </button>
          </div>
        </Form>
        {free ? <FreeTimes visit={visit} timeZone={timeZone} free={free} form={form} /> : null}
      </details>
      <ChoiceForm
        {...form}
        intent="reschedule"
        title="A time that is not offered"
        button="Move it there"
        values={{ day, time }}
      >
        <div className="form-grid">
          <TextField name="day" label="Day" type="date" required />
          <TextField name="time" label={`Time (${timeZone})`} type="time" required />
        </div>
        <label className="check">
          <input type="checkbox" name="ignores_hours" value="1" />
          Also outside the working hours
        </label>
      </ChoiceForm>
    </>
  );
}

function FreeTimes({ visit, timeZone, free, form: { formKey, state, ...form } }: Props & { free: { slots: Slot[] } }) {
  const { locale } = useTenant();
  const own = state?.values.intent === 'move' ? state : undefined;
  const now = Date.parse(visit.starts_at);
  const choices = free.slots
    .filter((slot) => slot.provider_id !== visit.provider.id || Date.parse(slot.starts_at) !== now)
    .map(({ provider_id, provider_name, starts_at }) => ({
      value: `${provider_id} ${starts_at}`,
      label: `${formatTime(starts_at, locale, timeZone)} with ${provider_name}`,
    }));
  if (choices.length === 0) return <p className="card-body">Nothing else is free on this day. Try another one.</p>;
  return (
    <PortalForm key={free.day} state={own} formKey={`${formKey}-move`} idPrefix="move-" {...form}>
      <input type="hidden" name="intent" value="move" />
      <SelectField name="slot" label={`Free time (${timeZone})`} choices={choices} required />
      <div className="form-foot">
        <SubmitButton>Move it</SubmitButton>
      </div>
    </PortalForm>
  );
}
