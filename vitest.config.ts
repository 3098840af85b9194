import { defineConfig } from 'vitest/config';
import { isPgbouncerInstalled } from './tests/support/pgbouncer.ts';

export default defineConfig({
  test: {
    setupFiles: ['tests/support/console-error.ts'],
    reporters: ['default', './tests/support/reporter.ts'],
    pool: 'forks',
    // Every file may bring a workerd and a browser of its own.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'direct',
          include: ['tests/**/*.test.{ts,tsx}'],
          globalSetup: ['tests/support/postgres.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'pooled',
          // Once more, with tenants' homes behind PgBouncer. Where it is missing, tests/edge/pgbouncer.test.ts is skipped.
          include: isPgbouncerInstalled ? ['tests/ledger/*.test.ts', 'tests/tenants/isolation.test.ts'] : [],
          // The administrator tampers, past every home.
          exclude: ['tests/ledger/tamper.test.ts'],
          globalSetup: ['tests/support/pooled-postgres.ts'],
        },
      },
    ],
  },
});
