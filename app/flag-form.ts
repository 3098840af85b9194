// What the form of a feature flag holds, as fields of plain text, and what it asks the operations for.
import * as v from 'valibot';
import type { Condition, FeatureFlag, FlagType, Shares } from '../server/contexts/feature-flag/schemas.ts';
import type { Problem } from '../server/operations/errors.ts';
import { id } from '../server/operations/schemas.ts';
import { type FormValues, readChoices, readFields } from './forms.ts';

const FACTS = ['key', 'name', 'description', 'type', 'off_variant'] as const;

/** Lines that a form offers beside those that are there; saving brings more. */
const SPARE = { variants: 2, rules: 1, conditions: 1, shares: 1 };
const MOST = { variants: 20, rules: 20, conditions: 10, shares: 20 };

const VARIANT = ['name', 'value', 'percent'] as const;
const CONDITION = ['attribute', 'operator', 'values'] as const;
const SHARE = ['variant', 'percent'] as const;

export type RuleLines = { conditions: number; shares: number };
export type FlagLines = { variants: number; rules: RuleLines[] };

/** The condition that the form has a choice of merchants for. What is no list of ids stays a line of text, as it was typed. */
const isOfMerchants = ({ attribute, operator, values }: Condition) =>
  attribute === 'merchant_id' &&
  operator === 'in' &&
  new Set(values).size === values.length &&
  values.every((value) => v.is(id, value));

/** Attributes that look as if evaluation knew them: a merchant is known to it by its `merchant_id` alone. */
export function mistakenAttributes(attributes: readonly string[]): string[] {
  return [...new Set(attributes)].filter((each) => /^merchants?([-_. ]?(name|key|uuid)|[-. ]?id|Id|ID)?$/i.test(each));
}

/** `on`, or `on 30 %, off 70 %`. */
export function sharesText(shares: Shares): string {
  const given = shares.filter(({ percent }) => percent > 0);
  return given.length === 1
    ? given[0]!.variant
    : given.map(({ variant, percent }) => `${variant} ${percent} %`).join(', ');
}

export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What cannot be read as the type stays text, for the operation to refuse. */
function readValue(text: string, type: string): unknown {
  if (type === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** With commas between them; values that hold commas themselves are written as JSON. */
function listText(values: readonly string[]): string {
  const isPlain = values.every((value) => value === value.trim() && value !== '' && !/,|^\[/.test(value));
  return isPlain ? values.join(', ') : JSON.stringify(values);
}

function readList(text: string): string[] {
  if (text.startsWith('[')) {
    const read = readValue(text, 'object');
    if (Array.isArray(read)) return read.map(String);
  }
  const values = text.split(',').map((value) => value.trim());
  return values.filter(Boolean);
}

function fieldsOf(prefix: string, fields: object): [string, string][] {
  return Object.entries(fields).map(([name, value]) => [`${prefix}.${name}`, String(value ?? '')]);
}

type VariantLine = Record<(typeof VARIANT)[number], string>;
type ConditionLine = Record<(typeof CONDITION)[number], string>;
type ShareLine = Record<(typeof SHARE)[number], string>;
type RuleLine = { name: string; merchants: string; conditions: ConditionLine[]; serve: ShareLine[] };

function valuesOf(facts: FormValues, variants: VariantLine[], rules: RuleLine[]): FormValues {
  const lines = [
    ...variants.flatMap((line, at) => fieldsOf(`variants.${at}`, line)),
    ...rules.flatMap(({ name, merchants, serve, conditions }, at) => [
      ...fieldsOf(`rules.${at}`, { name, merchants, lines: conditions.length + SPARE.conditions }),
      ...fieldsOf(`rules.${at}`, { shares: serve.length + SPARE.shares }),
      ...serve.flatMap((line, each) => fieldsOf(`rules.${at}.serve.${each}`, line)),
      ...conditions.flatMap((line, each) => fieldsOf(`rules.${at}.conditions.${each}`, line)),
    ]),
  ];
  const counts = { variants: String(variants.length + SPARE.variants), rules: String(rules.length + SPARE.rules) };
  return { ...facts, ...counts, ...Object.fromEntries(lines) };
}

const NEW_FLAG: VariantLine[] = [
  { name: 'on', value: 'true', percent: '0' },
  { name: 'off', value: 'false', percent: '100' },
];

export function flagValues(flag?: FeatureFlag): FormValues {
  if (!flag) return valuesOf({ type: 'boolean', off_variant: 'off' }, NEW_FLAG, []);
  const percentOf = (name: string) =>
    flag.rollout.filter((each) => each.variant === name).reduce((sum, each) => sum + each.percent, 0);
  const order = (name: string) => flag.rollout.findIndex((each) => each.variant === name) + 1 || Infinity;
  // Shares fill the buckets in their order: the form keeps it.
  const ordered = flag.variants.toSorted((left, right) => (order(left.name) < order(right.name) ? -1 : 1));
  const variants = ordered.map(({ name, value }) => ({
    name,
    value: valueText(value),
    percent: String(percentOf(name)),
  }));
  const rules = flag.rules.map(({ name, conditions, serve }) => {
    const ofMerchants = conditions.find(isOfMerchants);
    return {
      name: name ?? '',
      merchants: ofMerchants?.values.join(' ') ?? '',
      conditions: conditions
        .filter((each) => each !== ofMerchants)
        .map((each) => ({ ...each, values: listText(each.values) })),
      serve: serve.map(({ variant, percent }) => ({ variant, percent: String(percent) })),
    };
  });
  const { key, name, description, type, off_variant } = flag;
  return valuesOf({ key, name, description: description ?? '', type, off_variant }, variants, rules);
}

const count = (form: FormData, name: string, most: number) => Math.min(Number(form.get(name)) || 0, most);
const numbers = (length: number) => Array.from({ length }, (_, at) => at);

function readLine<Name extends string>(form: FormData, prefix: string, names: readonly Name[]): Record<Name, string> {
  const values = readFields(
    form,
    names.map((name) => `${prefix}.${name}`),
  );
  return Object.fromEntries(names.map((name) => [name, values[`${prefix}.${name}`] ?? ''])) as Record<Name, string>;
}

/** Everything typed. Emptied lines are left out, so that the others stand where the operation counts them. */
export function readFlagForm(form: FormData): FormValues {
  const variants = numbers(count(form, 'variants', MOST.variants))
    .map((at) => readLine(form, `variants.${at}`, VARIANT))
    .filter(({ name, value }) => name !== '' || value !== '');
  const rules = numbers(count(form, 'rules', MOST.rules))
    .map((at) => {
      const lines = numbers(count(form, `rules.${at}.lines`, MOST.conditions));
      const conditions = lines
        .map((each) => readLine(form, `rules.${at}.conditions.${each}`, CONDITION))
        .filter(({ attribute, values }) => attribute !== '' || values !== '');
      const serve = numbers(count(form, `rules.${at}.shares`, MOST.shares))
        .map((each) => readLine(form, `rules.${at}.serve.${each}`, SHARE))
        .filter(({ variant, percent }) => variant !== '' || percent !== '');
      const merchants = readChoices(form, `rules.${at}.merchants`) ?? '';
      return { ...readLine(form, `rules.${at}`, ['name']), merchants, conditions, serve };
    })
    .filter(
      (rule) => rule.name !== '' || [rule.merchants, rule.conditions, rule.serve].some((each) => each.length > 0),
    );
  return valuesOf(readFields(form, FACTS), variants, rules);
}

/** How many lines of each kind the form shows. */
export function linesOf(values: FormValues): FlagLines {
  const rules = numbers(Number(values.rules) || 0);
  return {
    variants: Number(values.variants) || 0,
    rules: rules.map((at) => ({
      conditions: Number(values[`rules.${at}.lines`]) || 2,
      shares: Number(values[`rules.${at}.shares`]) || 2,
    })),
  };
}

const filled = (values: FormValues, prefix: string, spare: number, of: string) =>
  numbers(Math.max(0, (Number(values[of]) || 0) - spare)).map((at) => `${prefix}.${at}`);

const ofMerchants = (ids: string): Condition => ({ attribute: 'merchant_id', operator: 'in', values: ids.split(' ') });

/** What the form asks for, as the operations take it. */
export function readFlag(values: FormValues) {
  const at = (name: string) => values[name] ?? '';
  const lines = filled(values, 'variants', SPARE.variants, 'variants');
  return {
    name: at('name'),
    description: at('description') || null,
    off_variant: at('off_variant'),
    variants: lines.map((line) => ({ name: at(`${line}.name`), value: readValue(at(`${line}.value`), at('type')) })),
    rollout: lines.map((line) => ({ variant: at(`${line}.name`), percent: Number(at(`${line}.percent`) || '0') })),
    rules: filled(values, 'rules', SPARE.rules, 'rules').map((rule) => ({
      name: at(`${rule}.name`) || null,
      conditions: [
        ...filled(values, `${rule}.conditions`, SPARE.conditions, `${rule}.lines`).map((line) => ({
          attribute: at(`${line}.attribute`),
          operator: at(`${line}.operator`) as Condition['operator'],
          values: readList(at(`${line}.values`)),
        })),
        // Last, so that the others stand where the operation counts them.
        ...(at(`${rule}.merchants`) ? [ofMerchants(at(`${rule}.merchants`))] : []),
      ],
      serve: filled(values, `${rule}.serve`, SPARE.shares, `${rule}.shares`).map((line) => ({
        variant: at(`${line}.variant`),
        percent: Number(at(`${line}.percent`) || '100'),
      })),
    })),
  };
}

export function readNewFlag(values: FormValues) {
  return { ...readFlag(values), key: values.key ?? '', type: (values.type ?? '') as FlagType };
}

/** The complaints under the names that the fields have here. */
export function atFlagFields(problem: Problem): Problem {
  if (!problem.errors) return problem;
  const errors: Record<string, string[]> = {};
  for (const [path, messages] of Object.entries(problem.errors)) {
    const name = path
      .replace(/^rollout\.(\d+)\.percent$/, 'variants.$1.percent')
      .replace(/^rollout\.(\d+)\.variant$/, 'variants.$1.name')
      .replace(/^rollout$/, 'variants.0.percent')
      .replace(/^variants$/, 'variants.0.name')
      .replace(/^(rules\.\d+\.serve)$/, '$1.0.variant')
      .replace(/^(rules\.\d+)\.conditions$/, '$1.conditions.0.attribute')
      .replace(/^(rules\.\d+\.conditions\.\d+)(\.values.*)?$/, '$1.values');
    errors[name] = [...new Set([...(errors[name] ?? []), ...messages])];
  }
  return { ...problem, errors };
}

/** Names of all fields, for the summary of what is wrong. */
export function flagLabels(values: FormValues): Record<string, string> {
  const { variants, rules } = linesOf(values);
  const words = { name: 'Name', value: 'Value', percent: 'Share' };
  const labels: [string, string][] = [
    ...numbers(variants).flatMap((at) =>
      VARIANT.map((name): [string, string] => [`variants.${at}.${name}`, `${words[name]} of variant ${at + 1}`]),
    ),
    ...rules.flatMap((lines, at) => [
      [`rules.${at}.name`, `Name of rule ${at + 1}`] as [string, string],
      ...numbers(lines.shares).flatMap((each) =>
        SHARE.map((name): [string, string] => [`rules.${at}.serve.${each}.${name}`, `What rule ${at + 1} gives`]),
      ),
      ...numbers(lines.conditions).flatMap((each) =>
        CONDITION.map((name): [string, string] => [
          `rules.${at}.conditions.${each}.${name}`,
          `Condition ${each + 1} of rule ${at + 1}`,
        ]),
      ),
    ]),
  ];
  return {
    key: 'Key',
    name: 'Name',
    description: 'Description',
    type: 'Type',
    off_variant: 'Variant while it is off',
    ...Object.fromEntries(labels),
  };
}
