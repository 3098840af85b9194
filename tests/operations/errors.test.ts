import { describe, expect, test, vi } from 'vitest';
import { problemResponse } from '../../server/doors/problem.ts';
import { fromDatabase, isUnavailable } from '../../server/operations/database-errors.ts';
import { DomainError, type ProblemCode, problems, toProblem } from '../../server/operations/errors.ts';

describe('the table of problems', () => {
  /** From the outside contract; codes of one status may be added, statuses never change. */
  const contract: Record<string, number> = {
    malformed: 400,
    unauthenticated: 401,
    forbidden: 403,
    not_found: 404,
    method_not_allowed: 405,
    conflict: 409,
    idempotency_conflict: 409,
    already_done: 409,
    stale: 412,
    too_large: 413,
    unsupported_media_type: 415,
    invalid: 422,
    unbalanced: 422,
    account_not_found: 422,
    account_closed: 422,
    currency_mismatch: 422,
    rule_violation: 422,
    amount_out_of_range: 422,
    rate_limited: 429,
    unavailable: 503,
    tenant_upgrading: 503,
  };

  test.each(Object.entries(contract))('%s is answered with %i', (code, status) => {
    expect(problems[code as ProblemCode][0]).toBe(status);
  });

  test.each(Object.entries(problems))('%s has a status of errors and a title for people', (code, [status, title]) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  });
});

test('a problem document has the members of RFC 9457, and nothing given beside can replace them', async () => {
  const extra = { type: 'x', title: 'x', status: 1, code: 'x', detail: 'x', request_id: 'x', imbalances: [] };
  const error = new DomainError('unbalanced', 'Debits and credits differ.', { extra, retryAfterSeconds: 3 });
  const response = problemResponse(error, 'r-1');
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await response.json()).toEqual({
    type: '/api/docs#problem-unbalanced',
    title: 'Debits and credits differ',
    status: 422,
    code: 'unbalanced',
    detail: 'Debits and credits differ.',
    request_id: 'r-1',
    imbalances: [],
  });
});

test('a bug is a 500 with a request id and nothing else, and is logged', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const bug = new TypeError('needle: SELECT * FROM users');
  const response = problemResponse(bug, 'r-2');
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).not.toMatch(/needle|SELECT|TypeError/);
  expect(JSON.parse(text)).toMatchObject({ code: 'internal', request_id: 'r-2' });
  expect(logged).toHaveBeenCalledWith('request r-2 failed', bug);
  logged.mockClear();
});

describe('errors of the database', () => {
  const error = (code: string, more: object = {}) => Object.assign(new Error('wrapped'), { cause: { code, ...more } });

  test.each(['08006', '53300', '57P01', '57P03', '57014', '55P03', '28P01', '3D000', '25P03', '40001', '40P01'])(
    '%s means that trying again may help',
    (code) => {
      expect(isUnavailable(error(code))).toBe(true);
      const known = fromDatabase(error(code)) as DomainError;
      expect(toProblem(known, 'r')).toMatchObject({ status: 503, code: 'unavailable' });
      expect(known.detail.retryAfterSeconds).toBeGreaterThan(0);
    },
  );

  test.each(['23505', '42501', '42P01', '22P02', 'SCP02', 'SCP03', 'XX000'])('%s is a bug of ours', (code) => {
    const bug = error(code, { message: 'syntax error at or near "connection"' });
    expect(isUnavailable(bug)).toBe(false);
    expect(fromDatabase(bug)).toBe(bug);
  });

  test('a problem that a function raised is that problem, with its detail', () => {
    const detail = JSON.stringify({ errors: { a: ['is wrong'] }, imbalances: [1] });
    const known = fromDatabase(error('SCP01', { message: 'unbalanced', detail })) as DomainError;
    expect(known.code).toBe('unbalanced');
    expect(known.detail).toEqual({ errors: { a: ['is wrong'] }, extra: { imbalances: [1] } });
  });

  test('a code that the table does not have is a bug', () => {
    const bug = error('SCP01', { message: 'toString' });
    expect(fromDatabase(bug)).toBe(bug);
  });

  test('a number that JSON cannot carry is out of range', () => {
    expect(fromDatabase(error('22003'))).toMatchObject({ code: 'amount_out_of_range' });
  });
});
