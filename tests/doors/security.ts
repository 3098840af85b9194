import { expect } from 'vitest';
import { ALWAYS } from '../../server/security-headers.ts';

/** What every answer carries, whoever gives it. Those that hold nothing of a tenant may be kept by a cache. */
export function expectSecured(headers: Headers, what: string, options: { isPublic?: boolean } = {}): void {
  for (const [name, value] of Object.entries(ALWAYS))
    expect([what, name, headers.get(name)]).toEqual([what, name, value]);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy, what).toMatch(/^default-src '(none|self)';/);
  expect(policy, what).toContain("frame-ancestors 'none'");
  expect(policy, what).toContain("base-uri 'none'");
  expect(policy, what).not.toMatch(/unsafe|\*(?!\.)|https?:(?!\/\/)|data:.*script/);
  const isKept = options.isPublic ? /^public, max-age=\d+/ : /^(private, )?no-store$/;
  expect(headers.get('cache-control'), what).toMatch(isKept);
  for (const told of ['server', 'x-powered-by', 'access-control-allow-origin'])
    expect([what, headers.get(told)]).toEqual([what, null]);
}

/** Inline scripts of a page run only by the nonce of this very answer. */
export function expectNonces(page: string, headers: Headers, what: string): void {
  const nonce = /'nonce-([\w-]{20,})'/.exec(headers.get('content-security-policy') ?? '')?.[1];
  expect(nonce, what).toBeDefined();
  const scripts = [...page.matchAll(/<script\b([^>]*)>/g)].map(([, attributes = '']) => attributes);
  expect(scripts.length, what).toBeGreaterThan(0);
  for (const attributes of scripts) expect(attributes, what).toMatch(new RegExp(`nonce="${nonce}"|src="/assets/`));
  expect(page, what).not.toMatch(/<[a-z][^>]*\s(on[a-z]+|style)=/);
}
