import { createInterface } from 'node:readline/promises';
import { dropTenant } from '../../tenants/drop.ts';
import { requireTenant } from '../../tenants/status.ts';
import { CommandError } from '../command.ts';
import { type Flags, optional, type Verb } from './verb.ts';

/** tenant:drop */
export const drop: Verb = {
  usage: `npm run tenant:drop -- --confirm acme

Removes a tenant and all of its data for good. Interrupted, it leaves the tenant suspended; run it again.

  --slug SLUG     the tenant; --confirm alone names it too
  --confirm SLUG  the slug once more; without it, a terminal asks, and anything else is refused`,
  options: { slug: { type: 'string' }, confirm: { type: 'string' } },
  check(flags) {
    const slug = optional(flags, 'slug');
    const confirmed = optional(flags, 'confirm');
    if (!slug && !confirmed) throw new CommandError('--slug is missing; see --help.', 2);
    if (slug && confirmed && slug !== confirmed) throw new CommandError('--confirm is not the slug.', 2);
    if (!confirmed && !process.stdin.isTTY) throw new CommandError('--confirm SLUG is missing; see --help.', 2);
  },
  async run({ flags, admin, print }) {
    const slug = slugOf(flags);
    await requireTenant(admin, slug);
    if (!optional(flags, 'confirm')) await ask(slug);
    const tenant = await dropTenant(admin, slug);
    print({ tenant: { id: tenant.id, slug, status: 'dropped' } }, [`Tenant ${slug} is gone.`]);
    return 0;
  },
};

function slugOf(flags: Flags): string {
  return optional(flags, 'slug') ?? optional(flags, 'confirm') ?? '';
}

async function ask(slug: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `All data of "${slug}" will be gone. Type the slug to go on: `;
    // Ctrl-C and Ctrl-D end the question with an error, and mean no.
    const answer = await terminal.question(question).catch(() => '');
    if (answer.trim() !== slug) throw new CommandError('That is not the slug; nothing was changed.', 2);
  } finally {
    terminal.close();
  }
}
