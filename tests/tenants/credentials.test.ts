import { describe, expect, test } from 'vitest';
import { derivePassword, hashSecret, newApiKey, newToken, scramVerifier } from '../../tenants/credentials.ts';

const SECRET = '5e'.repeat(32);

describe('derived passwords', () => {
  test('are the same for the same subject and version, and differ otherwise', () => {
    const passwords = [
      derivePassword(SECRET, 'gateway', 1),
      derivePassword(SECRET, 'gateway', 2),
      derivePassword(SECRET, 'other', 1),
      derivePassword('5f'.repeat(32), 'gateway', 1),
    ];
    expect(new Set(passwords).size).toBe(4);
    expect(derivePassword(SECRET, 'gateway', 1)).toBe(passwords[0]);
    for (const password of passwords) expect(password).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test.each(['', 'ab', 'zz'.repeat(32), 'ab'.repeat(31), `${'ab'.repeat(32)}a`])(
    'are refused for the master secret %j',
    (secret) => {
      expect(() => derivePassword(secret, 'gateway', 1)).toThrow('MASTER_SECRET');
    },
  );
});

describe('secrets', () => {
  test('the verifier has the form that Postgres stores, and does not hold the password', () => {
    const verifier = scramVerifier('a password');
    expect(verifier).toMatch(/^SCRAM-SHA-256\$16:[\w+/]{22}==\$[\w+/]{43}=:[\w+/]{43}=$/);
    expect(verifier).not.toContain('a password');
    expect(scramVerifier('a password')).not.toBe(verifier);
  });

  test('an API key is random and kept as its hash and its first characters', () => {
    const { key, hash, prefix } = newApiKey();
    expect(key).toMatch(/^scp_[0-9A-Za-z]{40}$/);
    expect(hash).toBe(hashSecret(key));
    expect(key.startsWith(prefix)).toBe(true);
    expect(newApiKey().key).not.toBe(key);
    expect(newToken()).toMatch(/^[\w-]{43}$/);
  });
});
