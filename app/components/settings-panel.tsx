import { Form } from '@remix-run/react';
import { type DepositTiers, knownSetting, type Setting } from '../../server/contexts/setting/schemas.ts';
import type { FormState, FormValues } from '../forms.ts';
import { humanize } from '../labels.ts';
import { formatMoney } from '../money.ts';
import { asTyped, BANDS, choicesOf, settingFields, shownFields, TIERS } from '../setting-form.ts';
import { Card, Fact, Facts } from './card.tsx';
import { ChoicesField, SelectField, TextField } from './field.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { useTenant } from './use-tenant.ts';

/** Whose names the origins have; one that may not be read stays general. */
export type OriginNames = { tenant: string; merchant_org?: string | null; merchant?: string | null };

type Props = {
  settings: Setting[];
  /** In which the bands of a price are shown and typed. */
  currency: string;
  names: OriginNames;
  mayUpdate: boolean;
  /** To save is to choose what is shown, even where it is as it was inherited. */
  isToChoose?: boolean;
  formKey: string;
  state: FormState | undefined;
};

/** What holds here, where each value comes from, and what is set here itself. */
export function SettingsPanel(props: Props) {
  const { settings, mayUpdate } = props;
  const [settable, fixed] = mayUpdate
    ? [settings.filter((each) => each.is_settable), settings.filter((each) => !each.is_settable)]
    : [[], settings];
  if (settable.length === 0) return <FixedSettings {...props} title="Settings" settings={fixed} />;
  return (
    <div className="columns">
      <div className="stack">
        <SettingsForm {...props} settings={settable} />
        {fixed.length > 0 ? <FixedSettings {...props} title="Set by the platform" settings={fixed} /> : null}
      </div>
      <aside>
        <OwnSettings {...props} settings={settable} />
      </aside>
    </div>
  );
}

function FixedSettings({ title, settings, names, currency }: Props & { title: string }) {
  const words = useValueWords(currency);
  return (
    <Card title={title} padded>
      <Facts>
        {settings.map(({ key, label, value, origin }) => (
          <Fact key={key} name={label}>
            {words(key, value)} <span className="hint">({originWords(origin, names)})</span>
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}

function OwnSettings({ settings, names, currency, formKey }: Props) {
  const words = useValueWords(currency);
  const own = settings.filter((setting) => setting.own !== null);
  return (
    <Card title="Set here" padded>
      {own.length === 0 ? <p className="hint">Nothing yet: everything is inherited.</p> : null}
      <ul className="settings-own">
        {own.map(({ key, label, own: value, inherited }) => (
          <li key={key}>
            <div>
              <strong>{label}</strong>
              <p>{words(key, value)}</p>
              <p className="hint">
                Otherwise {words(key, inherited.value) || 'none'}, {originWords(inherited.origin, names)}
              </p>
            </div>
            <Form method="post">
              <input type="hidden" name="idempotency_key" value={`${formKey}-${key}`} />
              <button className="button" type="submit" name="reset" value={key}>
                Reset<span className="visually-hidden"> {label}</span>
              </button>
            </Form>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What no boxes say, so that whatever is ticked counts as chosen. */
const NEVER_TICKED = ' ';

function SettingsForm({ settings, currency, names, isToChoose = false, formKey, state }: Props) {
  const values = shownFields(settings, currency);
  const lists = settings.filter(({ key }) => choicesOf(key)).map(({ key }) => [key, NEVER_TICKED]);
  const was: FormValues = isToChoose ? { ...values, ...Object.fromEntries(lists) } : values;
  const bandLabels = BANDS.flatMap((at) => [
    [`${TIERS}.${at}.up_to`, `Band ${at + 1}, up to`],
    [`${TIERS}.${at}.percent`, `Band ${at + 1}, deposit`],
  ]);
  const labels = Object.fromEntries([...settings.map(({ key, label }) => [key, label]), ...bandLabels]);
  return (
    <Card title="Settings" padded>
      <p className="hint settings-lead">A field left empty inherits what is named below it.</p>
      <PortalForm state={state} values={values} formKey={formKey} labels={labels}>
        {Object.entries(was).map(([name, value]) => (
          <input key={name} type="hidden" name={`was:${name}`} value={value} />
        ))}
        {settings.map((setting) => (
          <SettingField key={setting.key} setting={setting} currency={currency} names={names} />
        ))}
        <div className="form-foot">
          <SubmitButton>Save settings</SubmitButton>
        </div>
      </PortalForm>
    </Card>
  );
}

function SettingField({ setting, currency, names }: { setting: Setting } & Pick<Props, 'currency' | 'names'>) {
  const { key, label, help, inherited } = setting;
  const { unit, decimals } = knownSetting(key);
  const words = useValueWords(currency);
  const otherwise = words(key, inherited.value);
  const hint = `${help} ${otherwise === '' ? 'None' : otherwise} ${originWords(inherited.origin, names)} when empty.`;
  if (key === TIERS) return <TierFields label={label} hint={hint} currency={currency} inherited={inherited.value} />;
  const choices = choicesOf(key);
  if (choices) {
    const boxes = choices.map((each) => ({ value: each, label: humanize(each) }));
    const isInherited = setting.own === null && otherwise !== '';
    const told = isInherited
      ? `${help} Inherited, ${originWords(inherited.origin, names)}: tick others to change it here.`
      : `${help} ${otherwise === '' ? 'None' : otherwise} ${originWords(inherited.origin, names)} after a reset.`;
    return <ChoicesField name={key} label={isInherited ? `${label} (inherited)` : label} hint={told} choices={boxes} />;
  }
  if (typeof inherited.value === 'boolean') {
    const choices = [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ];
    return <SelectField name={key} label={label} hint={hint} choices={choices} empty={`Inherited: ${otherwise}`} />;
  }
  return (
    <TextField
      name={key}
      label={unit ? `${label} (${unit})` : label}
      hint={hint}
      placeholder={settingFields(key, inherited.value, currency)[key]}
      inputMode={typeof inherited.value === 'number' ? (decimals ? 'decimal' : 'numeric') : 'text'}
      maxLength={1000}
    />
  );
}

type TierProps = { label: string; hint: string; currency: string; inherited: unknown };

function TierFields({ label, hint, currency, inherited }: TierProps) {
  const shown = settingFields(TIERS, inherited, currency);
  return (
    <fieldset className="settings-bands">
      <legend>{label}</legend>
      <p className="hint">{hint} The last band has no end.</p>
      {BANDS.map((at) => (
        <div key={at} className="form-grid">
          <TextField
            name={`${TIERS}.${at}.up_to`}
            label={`Band ${at + 1}, up to (${currency})`}
            placeholder={shown[`${TIERS}.${at}.up_to`] || 'No end'}
            inputMode="decimal"
          />
          <TextField
            name={`${TIERS}.${at}.percent`}
            label={`Band ${at + 1}, deposit in %`}
            placeholder={shown[`${TIERS}.${at}.percent`] ?? ''}
            inputMode="numeric"
          />
        </div>
      ))}
    </fieldset>
  );
}

function originWords(origin: Setting['origin'], names: OriginNames): string {
  if (origin === 'default') return 'as standard';
  const general = { tenant: 'the tenant', merchant_org: 'its MerchantOrg', merchant: 'the merchant' };
  return `from ${names[origin] ?? general[origin]}`;
}

/** A value as people read it. */
function useValueWords(currency: string): (key: string, value: unknown) => string {
  const { locale } = useTenant();
  return (key, value) => {
    if (key === TIERS) {
      return (value as DepositTiers)
        .map(({ up_to, percent }) =>
          up_to === null ? `${percent} % above` : `${percent} % up to ${formatMoney(up_to, currency, locale)}`,
        )
        .join(', ');
    }
    if (typeof value === 'boolean') return value ? 'Yes' : 'No';
    const { unit } = knownSetting(key);
    const list = choicesOf(key) ? (value as string[]).map(humanize) : value;
    const plain = Array.isArray(list) ? list.join(', ') : String(list);
    const text = typeof list === 'number' ? asTyped(key, list) : plain;
    return unit && text !== '' ? `${text} ${unit}` : text;
  };
}
