import { SelectField } from './field.tsx';
import { useField } from './form.tsx';

type Props = { label: string; zones: string[] };

/** One of the zones, by continent; one that was chosen earlier under another of its names stays to choose. */
export function TimeZoneField({ label, zones }: Props) {
  const { value } = useField('time_zone');
  const choices = [...new Set(value ? [...zones, value] : zones)].map((zone) => {
    const [continent, ...place] = zone.replaceAll('_', ' ').split('/');
    return place.length === 0
      ? { value: zone, label: zone }
      : { value: zone, label: place.join(', '), group: continent ?? null };
  });
  return <SelectField name="time_zone" label={label} choices={choices} required />;
}
