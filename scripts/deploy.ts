import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { ensureBuilt } from './bundle/ensure-built.ts';
import { CommandError, runCommand } from './command.ts';

const WRANGLER = resolve(import.meta.dirname, '../node_modules/wrangler/bin/wrangler.js');
const SECRETS = ['MASTER_SECRET', 'DATABASE_URL', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'];

const HELP = `npm run deploy [-- --dry-run]

Builds the worker and deploys it with wrangler, which needs CLOUDFLARE_API_TOKEN or "npx wrangler login".
Set BASE_DOMAIN and the routes in wrangler.toml. The worker needs these secrets ("npx wrangler secret put NAME"):

  MASTER_SECRET             the hex string that "npm run tenant:create" was given as MASTER_SECRET
  DATABASE_URL              the control plane's database, without user and password
  UPSTASH_REDIS_REST_URL    the Upstash database for the rate limits
  UPSTASH_REDIS_REST_TOKEN  its token
`;

/** `npm run deploy`: build, then wrangler; refuses when the worker would come up without its secrets. */
await runCommand(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { gzippedBytes } = await ensureBuilt({ log: (line) => console.log(line) });
  console.log(`worker ${(gzippedBytes / 1024).toFixed(0)} KiB gzipped`);
  if (!args.includes('--dry-run')) await requireSecrets();
  const { status } = await wrangler(['deploy', ...args], 'inherit');
  return status;
});

async function requireSecrets(): Promise<void> {
  const { status, output } = await wrangler(['secret', 'list', '--format', 'json'], 'pipe');
  // Before the first deployment there is no worker to ask about.
  if (status !== 0 && !/not found|does not exist|10007/i.test(output)) {
    throw new CommandError(`wrangler cannot reach the account; set CLOUDFLARE_API_TOKEN or run "npx wrangler login".`);
  }
  const missing = SECRETS.filter((name) => !output.includes(`"${name}"`));
  if (missing.length === 0) return;
  throw new CommandError(
    `The worker needs the secrets ${missing.join(', ')}: run "npx wrangler secret put NAME" for each, then deploy again.`,
  );
}

async function wrangler(args: string[], output: 'inherit' | 'pipe'): Promise<{ status: number; output: string }> {
  const child = spawn(process.execPath, [WRANGLER, ...args], { stdio: ['inherit', output, output] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [status] = await once(child, 'close');
  return { status: typeof status === 'number' ? status : 1, output: Buffer.concat(chunks).toString('utf8') };
}
