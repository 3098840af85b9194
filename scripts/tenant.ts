/** `node scripts/tenant.ts <verb>`: the commands tenant:create, tenant:list and so on. */
import { CommandError, runCommand } from './command.ts';
import { create } from './tenant/create.ts';
import { domain } from './tenant/domain.ts';
import { drop } from './tenant/drop.ts';
import { exportVerb } from './tenant/export.ts';
import { list } from './tenant/list.ts';
import { migrate } from './tenant/migrate.ts';
import { psqlUrl } from './tenant/psql-url.ts';
import { quota } from './tenant/quota.ts';
import { restore } from './tenant/restore.ts';
import { resume, suspend } from './tenant/status.ts';
import { runVerb, type Verb } from './tenant/verb.ts';

const VERBS: Record<string, Verb> = {
  create,
  list,
  migrate,
  suspend,
  resume,
  domain,
  quota,
  export: exportVerb,
  restore,
  drop,
  'psql-url': psqlUrl,
};

await runCommand(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (name === '--help' || name === '-h') {
    process.stdout.write(`tenant <verb>, one of: ${Object.keys(VERBS).join(', ')}\n`);
    return 0;
  }
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb)
    throw new CommandError(
      `Use one of: ${Object.keys(VERBS)
        .map((each) => `tenant:${each}`)
        .join(', ')}.`,
      2,
    );
  return runVerb(verb, args);
});
