// The mapping of an import as the fields of its form, and what they mean.
import type { Import } from '../server/contexts/import/schemas.ts';
import type { FormValues } from './forms.ts';

const COLUMN = /^columns\.(\w{1,60})$/;

export function mappingValues({ mapping }: Import): FormValues {
  const columns = Object.entries(mapping?.columns ?? {}).map(([name, column]) => [`columns.${name}`, column]);
  const { delimiter = 'comma', decimal_separator = '.' } = mapping ?? {};
  return { ...Object.fromEntries(columns), delimiter, decimal_separator };
}

export function mappingLabels({ fields }: Import): Record<string, string> {
  const labels = fields.map(({ name, label }) => [`columns.${name}`, label]);
  return {
    ...Object.fromEntries(labels),
    delimiter: 'Columns are separated by',
    decimal_separator: 'Decimals follow a',
  };
}

/** What was sent, as text. */
export function readMappingForm(form: FormData): FormValues {
  const values: FormValues = {};
  for (const [name, value] of form) {
    const isKnown = COLUMN.test(name) || ['delimiter', 'decimal_separator', 'intent'].includes(name);
    if (isKnown && typeof value === 'string') values[name] = value;
  }
  return values;
}

/** The input that the form says; where the file is read anew its columns are guessed anew. */
export function mappingInput(values: FormValues) {
  const chosen = Object.entries(values).flatMap(([name, column]): [string, string | null][] => {
    const field = COLUMN.exec(name)?.[1];
    return field ? [[field, column === '' ? null : column]] : [];
  });
  const { delimiter, decimal_separator } = values;
  return {
    ...(delimiter ? { delimiter } : {}),
    ...(decimal_separator ? { decimal_separator } : {}),
    ...(values.intent === 'read' ? {} : { columns: Object.fromEntries(chosen) }),
  };
}
