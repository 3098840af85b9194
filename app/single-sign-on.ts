import type { SsoConnection } from '../server/contexts/sso-connection/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { type FormValues, readFields } from './forms.ts';

export const SSO_LABELS = {
  name: 'Name',
  issuer: 'Issuer',
  client_id: 'Client ID',
  client_secret: 'Client secret',
  scopes: 'Scopes',
  email_domains: 'E-mail domains',
  creates_users: 'Somebody new',
  forbids_passwords: 'Passwords',
  trusts_amr: 'Second factor',
  is_enabled: 'State',
  'default_role.role_id': 'Everybody else',
  'default_role.place': 'Where everybody else has it',
  role_mappings: 'Roles',
} as const;

/** Lines for new mappings beside those that are there; saving brings more. */
const SPARE_ROWS = 2;
const MAPPING_FIELDS = ['claim', 'value', 'role_id', 'place'] as const;

type Place = { merchant_org_id: string | null; merchant_id: string | null };

function placeText({ merchant_org_id: org, merchant_id: merchant }: Place): string {
  return org ? `org:${org}` : merchant ? `merchant:${merchant}` : '';
}

function readPlace(text: string): Partial<Place> {
  const [kind, id] = text.split(':');
  if (!id) return {};
  return kind === 'org' ? { merchant_org_id: id } : { merchant_id: id };
}

export function ssoValues(connection?: SsoConnection): FormValues {
  const flag = (value: boolean | undefined) => (value ? 'yes' : 'no');
  const rows = (connection?.role_mappings ?? []).flatMap((mapping, row) =>
    Object.entries({ ...mapping, place: placeText(mapping) }).map(([name, value]) => [
      `role_mappings.${row}.${name}`,
      String(value ?? ''),
    ]),
  );
  return {
    ...Object.fromEntries(rows),
    name: connection?.name ?? '',
    issuer: connection?.issuer ?? '',
    client_id: connection?.client_id ?? '',
    scopes: (connection?.scopes ?? ['openid', 'email', 'profile']).join(' '),
    email_domains: connection?.email_domains.join(', ') ?? '',
    creates_users: flag(connection?.creates_users),
    forbids_passwords: flag(connection?.forbids_passwords),
    trusts_amr: flag(connection?.trusts_amr),
    is_enabled: flag(connection?.is_enabled),
    'default_role.role_id': connection?.default_role?.role_id ?? '',
    'default_role.place': connection?.default_role ? placeText(connection.default_role) : '',
    rows: String((connection?.role_mappings.length ?? 0) + SPARE_ROWS),
  };
}

/** Everything typed, whatever number of rows the form had. */
export function readSsoForm(form: FormData): FormValues {
  const count = Math.min(Number(form.get('rows')) || 0, 100);
  const rows = Array.from({ length: count }, (_, row) => MAPPING_FIELDS.map((name) => `role_mappings.${row}.${name}`));
  return readFields(form, [...Object.keys(SSO_LABELS), 'rows', 'intent', ...rows.flat()]);
}

/** Numbers of the rows in which something was typed: their order is that of the input. */
function filledRows(values: FormValues): number[] {
  const numbers = Array.from({ length: Number(values.rows) || 0 }, (_, row) => row);
  return numbers.filter((row) => ['claim', 'value', 'role_id'].some((name) => values[`role_mappings.${row}.${name}`]));
}

/** None is missing rather than wrong. */
const chosenRole = (id = '') => (id ? { role_id: id } : {});

const list = (text = '') => text.split(/[\s,;]+/).filter(Boolean);

/** What the form asks for, as the operations take it. */
export function readSsoConnection(values: FormValues) {
  const defaultRole = values['default_role.role_id'];
  return {
    name: values.name,
    issuer: values.issuer,
    client_id: values.client_id,
    ...(values.client_secret ? { client_secret: values.client_secret } : {}),
    scopes: list(values.scopes),
    email_domains: list(values.email_domains).map((domain) => domain.toLowerCase().replace(/^@/, '')),
    creates_users: values.creates_users === 'yes',
    forbids_passwords: values.forbids_passwords === 'yes',
    trusts_amr: values.trusts_amr === 'yes',
    is_enabled: values.is_enabled === 'yes',
    role_mappings: filledRows(values).map((row) => ({
      claim: values[`role_mappings.${row}.claim`],
      value: values[`role_mappings.${row}.value`],
      ...chosenRole(values[`role_mappings.${row}.role_id`]),
      ...readPlace(values[`role_mappings.${row}.place`] ?? ''),
    })),
    default_role: defaultRole ? { role_id: defaultRole, ...readPlace(values['default_role.place'] ?? '') } : null,
  };
}

/** The problem at the fields of the form: lists are one field, rows have the numbers that they have on the page. */
export function atFormFields(problem: Problem, values: FormValues): Problem {
  if (!problem.errors) return problem;
  const rows = filledRows(values);
  const errors = Object.entries(problem.errors).map(([path, messages]) => {
    const [name = '', index = '', field] = path.split('.');
    if (name === 'scopes' || name === 'email_domains') return [name, messages];
    return [name === 'role_mappings' && field ? `${name}.${rows[Number(index)]}.${field}` : path, messages];
  });
  return { ...problem, errors: Object.fromEntries(errors) };
}

/** Names for the summary of errors. */
export function ssoLabels(values: FormValues): Record<string, string> {
  const words = { claim: 'Claim', value: 'Value', role_id: 'Role', place: 'Place' };
  const rows = Array.from({ length: Number(values.rows) || 0 }, (_, row) =>
    MAPPING_FIELDS.map((name) => [`role_mappings.${row}.${name}`, `${words[name]} in line ${row + 1}`]),
  );
  return { ...SSO_LABELS, ...Object.fromEntries(rows.flat()) };
}
