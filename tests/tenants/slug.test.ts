import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSlug, roleName, schemaName } from '../../tenants/slug.ts';

const slugs = fc.stringMatching(/^[a-z][a-z0-9-]{1,38}[a-z0-9]$/);

describe('slugs', () => {
  test.each(['acme', 'a1b', 'north-star', 'a'.repeat(40), 'a--b--c'.replace('a--', 'ab-'), 'x9'.repeat(20)])(
    '%s is one',
    (slug) => {
      expect(isSlug(slug)).toBe(true);
    },
  );

  test.each([
    '',
    'ab',
    'a'.repeat(41),
    '1acme',
    '-acme',
    'acme-',
    'Acme',
    'ac_me',
    'ac.me',
    'acmé',
    'acme\n',
    ' acme',
    'xn--acme',
    'a"; DROP SCHEMA platform; --',
  ])('%j is none', (slug) => {
    expect(isSlug(slug)).toBe(false);
  });

  test.each(['www', 'api', 'app', 'admin', 'platform', 'public', 'mail', 'static', 'assets', 'healthz', 'mcp', 'scp'])(
    '%s is reserved',
    (slug) => {
      expect(isSlug(slug)).toBe(false);
    },
  );

  test('two slugs never share a schema or a role, and names fit into an identifier', () => {
    fc.assert(
      fc.property(slugs, slugs, (a, b) => {
        expect(schemaName(a) === schemaName(b)).toBe(a === b);
        expect(roleName(a)).toMatch(/^tenant_[a-z0-9_]{3,40}$/);
      }),
    );
  });
});
