import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../local/certificates.ts';
import { startLocalSystem } from '../local/system.ts';
import { type ScanProxy, startProxy } from './scan/proxy.ts';
import { countsOf, judge, type Report } from './scan/report.ts';
import { endpointsOf, openTarget, type Target } from './scan/target.ts';

/** All that it has by default, and injected headers. */
const MODULES = 'blindsql,cookieflags,crlf,csp,exec,file,http_headers,permanentxss,redirect,sql,ssrf,xss';
/** Pages differ by their filters and ids without end: a few of each will do, and so many seconds for each module. */
const BOUNDS = ['--depth', '4', '--max-files-per-dir', '8', '--max-parameters', '40', '--max-attack-time', '90'];

/** Scans the built worker over TLS with wapiti, signed in as the owner of the demo tenant. @throws when it finds anything */
export async function proveScan(log: (line: string) => void): Promise<string> {
  if (spawnSync('wapiti', ['--version']).error) {
    return 'Skipped: wapiti is not installed (Debian and Ubuntu: apt-get install wapiti).';
  }
  const folder = mkdtempSync(join(process.env.SCP_TEST_FOLDER ?? tmpdir(), 'scan-'));
  const certificate = makeCertificates();
  const system = await startLocalSystem({ tls: certificate, log: () => {} });
  const proxy = await startProxy(system.workerPort, certificate);
  try {
    const target = await openTarget(system, folder, log);
    const report = await scan(target, proxy, await endpointsOf(target), folder, log);
    const stillIn = await target.ask('GET', '/api/users', { headers: { cookie: target.cookie } });
    const { problems, declined, informational } = judge(report, proxy.traffic);
    if (stillIn.status !== 200)
      problems.push('The session had ended before the scan did: what came after tried nothing.');
    const errors = system.logs.filter((line) => line.startsWith('error:'));
    const tried = Object.entries(countsOf(proxy.traffic)).map(([name, count]) => `${count} ${name}`);
    const statuses = [...proxy.traffic.statuses].sort(([left], [right]) => left - right);
    const lines = [
      `Tried: ${tried.join(', ')}. Answers: ${statuses.map(([status, count]) => `${count} × ${status}`).join(', ')}.`,
      ...declined.map((line) => `Declined: ${line}`),
      `${problems.length + errors.length} findings above informational, ${informational} informational.`,
    ];
    if (problems.length + errors.length > 0) throw new Error([...lines, ...problems, ...errors].join('\n'));
    return lines.join('\n');
  } finally {
    await proxy.stop();
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scan(
  { url, cookie }: Target,
  proxy: ScanProxy,
  endpoints: readonly string[],
  folder: string,
  log: (line: string) => void,
): Promise<Report> {
  const output = join(folder, 'report.json');
  const child = spawn('wapiti', [
    ...['--url', `${url}/`, '--scope', 'folder', '--module', MODULES, '--format', 'json', '--output', output],
    ...['--proxy', proxy.url, '--endpoint', proxy.url, '--store-session', folder, '--no-bugreport', '--flush-session'],
    ...['--header', `Cookie: ${cookie}`, '--header', `Origin: ${url}`, '--timeout', '20', '--verbose', '1'],
    ...endpoints.flatMap((address) => ['--start', address]),
    ...BOUNDS,
  ]);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (/^\[\*\]|Launching|rror/.test(line)) log(line);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (!existsSync(output)) throw new Error(`The scanner ended with ${code} and left no report`);
  return JSON.parse(readFileSync(output, 'utf8'));
}
