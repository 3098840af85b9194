import type * as v from 'valibot';

type Inspectable = v.GenericSchema & {
  wrapped?: Inspectable;
  pipe?: Inspectable[];
  entries?: Record<string, Inspectable>;
};

function innermost(schema: Inspectable | undefined): string | undefined {
  if (!schema) {
    return undefined;
  }
  return schema.wrapped ? innermost(schema.wrapped) : schema.type;
}

/** Text of a query string as the schema wants it: whole numbers, booleans and lists are read, everything else stays text. */
export function queryInput(schema: v.GenericSchema, params: URLSearchParams): Record<string, unknown> {
  const entries = (schema as Inspectable).entries ?? {};
  const input: Record<string, unknown> = Object.create(null);
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name);
    const type = innermost(Object.hasOwn(entries, name) ? entries[name] : undefined);
    const read = values.map((value) => {
      if (type === 'number' && /^-?\d{1,15}$/.test(value)) {
        return Number(value);
      }
      return type === 'boolean' && /^(true|false)$/.test(value) ? value === 'true' : value;
    });
    input[name] = read.length === 1 && type !== 'array' ? read[0] : read;
  }
  return { ...input };
}
