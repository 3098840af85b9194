import type pg from 'pg';
import type { Settings } from '../../server/env.ts';
import { connectAdmin } from '../../tenants/connect.ts';
import { provisionTenant } from '../../tenants/provision.ts';
import { seedDemo } from '../demo.ts';
import { startLocalSystem } from '../local/system.ts';
import { createClient } from './client.ts';
import { census, contradictions, type Query } from './demo/books.ts';
import { comparePages } from './demo/pages.ts';

export type YearSite = {
  admin: pg.Client;
  settings: Settings;
  /** A page of a tenant's portal, or what a path answers to JSON. */
  ask(
    slug: string,
    path: string,
    question?: { headers?: Record<string, string>; json?: unknown },
  ): Promise<{ status: number; text: string; cookie: string | undefined }>;
};

export type YearFigures = {
  counts: Record<string, number>;
  /** Of all figures: equal for the same seed and day. */
  digest: string;
  seconds: number;
  /** Figures on pages that were compared with a query over the ledger. */
  compared: number;
  /** What is not as it should be, a line each. */
  problems: string[];
};

export type YearOptions = { slug: string; today: string; seed: number; scale: number; eachInvoice: number };

/** Lives through a demo year in a new tenant, checks its books, and compares its pages with them. */
export async function liveThroughDemo(site: YearSite, options: YearOptions): Promise<YearFigures> {
  const { slug, today, seed, scale } = options;
  const ownerEmail = `owner@${slug}.test`;
  const masterSecret = site.settings.MASTER_SECRET;
  const created = await provisionTenant(site.admin, { slug, name: 'Acme', ownerEmail, masterSecret });
  const start = performance.now();
  const { password } = await seedDemo(site.settings, created.tenant, created.invitationToken, { today, seed, scale });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const query: Query = async (text, values = []) => {
    await site.admin.query(`SET search_path = ${created.tenant.schema}, pg_catalog`);
    return (await site.admin.query(text, [...values])).rows;
  };
  const problems = await contradictions(query);
  const figures = await census(query);
  if (options.eachInvoice === 0) return { ...figures, seconds, compared: 0, problems };
  const pages = await comparePages(query, await signedIn(site, slug, ownerEmail, password), options.eachInvoice);
  return { ...figures, seconds, compared: pages.compared, problems: [...problems, ...pages.differences] };
}

async function signedIn(site: YearSite, slug: string, email: string, password: string) {
  const { status, cookie } = await site.ask(slug, '/api/sessions', { json: { email, password } });
  if (status !== 201 || !cookie) throw new Error(`The owner cannot sign in: ${status}`);
  return async (path: string) => {
    const answer = await site.ask(slug, path, { headers: { cookie } });
    if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
    return answer.text;
  };
}

/** The whole year, twice: the figures of both are the same, and every page says what the ledger says. */
export async function proveDemoYear({
  scale,
  log,
}: {
  scale: number;
  log: (line: string) => void;
}): Promise<YearFigures> {
  const system = await startLocalSystem({ log: () => {} });
  const client = createClient(system.workerPort);
  const admin = await connectAdmin(system.adminUrl);
  const site: YearSite = {
    admin,
    settings: { ...system.settings, SANDBOX_PAYMENTS: 'on' },
    ask: async (slug, path, question) => {
      const { status, text, headers } = await client.ask(slug, path, question);
      return { status, text, cookie: headers['set-cookie']?.[0]?.split(';')[0] };
    },
  };
  try {
    const year = { today: new Date().toISOString().slice(0, 10), seed: 2026, scale };
    const first = await liveThroughDemo(site, { ...year, slug: 'year-one', eachInvoice: 1 });
    log(
      `a year of ${first.counts.appointments} appointments in ${first.seconds} s, ${first.compared} figures compared`,
    );
    const second = await liveThroughDemo(site, { ...year, slug: 'year-two', eachInvoice: 0 });
    if (first.digest !== second.digest) first.problems.push('The same seed and day gave other figures.');
    if (first.problems.length > 0) throw new Error(first.problems.slice(0, 20).join('\n'));
    return first;
  } finally {
    client.close();
    await admin.end();
    await system.stop();
  }
}
