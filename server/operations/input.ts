import * as v from 'valibot';
import { DomainError, type FieldErrors } from './errors.ts';
import type { Operation } from './operation.ts';
import { AMOUNT_RANGE } from './schemas.ts';

function pathOf(issue: v.BaseIssue<unknown>): string {
  return issue.path?.map((item) => String(item.key)).join('.') ?? '';
}

/** Valibot's own sentences repeat the input; these say only what is expected. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') {
    return 'is not a known field';
  }
  if (issue.kind === 'schema') {
    return issue.received === 'undefined' ? 'is required' : `must be ${expectation(issue.expected)}`;
  }
  return issue.message.startsWith('Invalid') ? `must be ${expectation(issue.expected)}` : issue.message;
}

function expectation(expected: string | null): string {
  if (!expected) {
    return 'another value';
  }
  const names: Record<string, string> = {
    Object: 'an object',
    Array: 'a list',
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
  };
  return (
    names[expected] ??
    expected
      .replaceAll('"', '')
      .replaceAll(' | ', ' or ')
      .replace(/^\((.*)\)$/, '$1')
      .replace(/^>=/, 'at least ')
      .replace(/^<=/, 'at most ')
  );
}

/** Of a choice between shapes, the complaints about the one that the caller meant, or else about all of them. */
function flatten(issue: v.BaseIssue<unknown>, schema: v.GenericSchema): v.BaseIssue<unknown>[] {
  if (issue.type !== 'union' || !issue.issues?.length) {
    return [issue];
  }
  const union = schemaAt(schema, issue.path ?? []);
  const branch = union && chosenBranch(union, issue.input);
  const result = branch && branch !== union ? v.safeParse(branch, issue.input, { abortPipeEarly: true }) : undefined;
  const inner = result?.issues?.flatMap((each) => flatten(each, branch!)) ?? issue.issues;
  const deepest = Math.max(...inner.map((each) => each.path?.length ?? 0));
  // What is inside tells its path from here.
  return deepest === 0
    ? [issue]
    : inner.map((each) => ({ ...each, path: [...(issue.path ?? []), ...(each.path ?? [])] }) as typeof each);
}

type Nested = v.GenericSchema & { entries?: Record<string, Nested>; item?: Nested; wrapped?: Nested };

/** The schema of what lies at a path. */
function schemaAt(schema: v.GenericSchema, path: readonly { key?: unknown }[]): v.GenericSchema | undefined {
  let found: Nested | undefined = schema;
  for (const { key } of path) {
    while (found?.wrapped) found = found.wrapped;
    found = found?.entries?.[String(key)] ?? found?.item;
  }
  while (found?.wrapped) found = found.wrapped;
  return found;
}

/**
 * Checks the input of an operation.
 * @throws DomainError `invalid`, or `amount_out_of_range` when amounts are all that is wrong, with `errors` by field path.
 */
export function checkInput<I>(operation: Operation<I, unknown>, input: unknown): I {
  const schema = chosenBranch(operation.input, input);
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) {
    return result.output as I;
  }
  const errors: FieldErrors = Object.create(null);
  const issues = result.issues.flatMap((issue) => flatten(issue, schema));
  for (const issue of issues.slice(0, 50)) {
    const path = pathOf(issue).slice(0, 200);
    errors[path] = [...new Set([...(errors[path] ?? []), messageOf(issue)])];
  }
  const isOnlyAmounts = issues.every((issue) => issue.message === AMOUNT_RANGE);
  throw new DomainError(isOnlyAmounts ? 'amount_out_of_range' : 'invalid', summaryOf(errors), { errors });
}

function summaryOf(errors: FieldErrors): string {
  const [path, messages] = Object.entries(errors)[0] ?? ['', ['']];
  const first = path ? `${path} ${messages[0]}` : `The body ${messages[0]}`;
  const more = Object.keys(errors).length - 1;
  return more > 0 ? `${first}, and ${more} more.` : `${first}.`;
}

/**
 * A union of objects complains about every branch at once. Where the input names fields of one branch only, that
 * branch alone is asked, so that the complaint is about what the caller meant.
 */
function chosenBranch(schema: v.GenericSchema, input: unknown): v.GenericSchema {
  if (schema.type !== 'union' || typeof input !== 'object' || input === null) {
    return schema;
  }
  const branches = (schema as unknown as { options: { entries?: Record<string, unknown> }[] }).options;
  if (branches.some(({ entries }) => entries === undefined)) {
    return schema;
  }
  const scored = branches.map(
    (branch) => Object.keys(input).filter((key) => Object.hasOwn(branch.entries!, key)).length,
  );
  const best = scored.indexOf(Math.max(...scored));
  return branches[best] as unknown as v.GenericSchema;
}
