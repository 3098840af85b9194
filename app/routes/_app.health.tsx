import type { LoaderFunctionArgs } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { healthGet } from '../../server/contexts/health/operations.ts';
import type { Health } from '../../server/contexts/health/schemas.ts';
import { Badge } from '../components/badge.tsx';
import { Card, Fact, Facts } from '../components/card.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { TableScroll } from '../components/table.tsx';
import { Instant } from '../components/time.tsx';
import { humanize } from '../labels.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('System health');

export async function loader({ context }: LoaderFunctionArgs) {
  return {
    health: await context.run(healthGet, {}),
    mayOpenLedger: context.can('ledger:read'),
  };
}

export default function SystemHealth() {
  const { health, mayOpenLedger } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="System health" lead="Whether everything works, and stays apart from its neighbours." />
      <div className="stack">
        <Verdict health={health} />
        <Card title="What it depends on">
          <Dependencies dependencies={health.dependencies} />
        </Card>
        <IsolationCard probe={health.probe} />
        <Card title="Background jobs">
          <div className="card-body facts-beside">
            <Facts>
              <Fact name="Waiting">{String(health.jobs.queued)}</Fact>
              <Fact name="At work">{String(health.jobs.running)}</Fact>
              <Fact name="Given up">{String(health.jobs.dead)}</Fact>
              <Fact name="Longest delay">
                {health.jobs.lag_seconds === 0 ? 'None' : `${health.jobs.lag_seconds} s`}
              </Fact>
              <Fact name="Mail waiting">{String(health.mail.waiting)}</Fact>
            </Facts>
          </div>
        </Card>
        <SealFacts seal={health.seal} mayOpen={mayOpenLedger} />
      </div>
    </>
  );
}

const TITLES: Record<Health['status'], string> = {
  ok: 'Everything works',
  attention: 'It works, but somebody should look',
  failing: 'Something is wrong',
};

function Verdict({ health: { status, reasons, checked_at: checkedAt } }: { health: Health }) {
  return (
    <div className={`verdict verdict-${status === 'ok' ? 'good' : 'bad'}`}>
      <Icon name={status === 'ok' ? 'check' : 'alert'} size={32} />
      <div>
        <h2>{TITLES[status]}</h2>
        <p>
          {reasons.join(' ')} Checked <Instant value={checkedAt} exact />.
        </p>
      </div>
    </div>
  );
}

function Dependencies({ dependencies }: { dependencies: Health['dependencies'] }) {
  return (
    <TableScroll label="What the system depends on">
      <table>
        <thead>
          <tr>
            <th>Part</th>
            <th>State</th>
            <th className="end">Answered in</th>
          </tr>
        </thead>
        <tbody>
          {dependencies.map(({ name, is_reachable: isReachable, latency_ms: latency }) => (
            <tr key={name}>
              <td>{humanize(name)}</td>
              <td>
                <Badge status={isReachable ? 'active' : 'failed'} label={isReachable ? 'Reachable' : 'Out of reach'} />
              </td>
              <td className="end">{isReachable ? `${latency} ms` : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** What the last probe saw; before the first one, when to expect it. */
function IsolationCard({ probe }: { probe: Health['probe'] }) {
  if (probe === null) {
    return (
      <Card title="Isolation" padded>
        <p className="soft">No probe has run yet. The first comes within a quarter of an hour.</p>
      </Card>
    );
  }
  const isPassed = probe.findings.length === 0;
  return (
    <Card title="Isolation">
      <div className="card-body stack">
        <div className="facts-beside">
          <Facts>
            <Fact name="Last probe">
              <Badge status={isPassed ? 'active' : 'failed'} label={isPassed ? 'Passed' : 'Failed'} />
            </Fact>
            <Fact name="Ran">
              <Instant value={probe.probed_at} exact />
            </Fact>
            <Fact name="Own reads, all from here">{String(probe.own_reads)}</Fact>
            <Fact name="Reads of a neighbour in between">
              {probe.neighbour_reads === 0 ? 'No other tenant here' : String(probe.neighbour_reads)}
            </Fact>
            <Fact name="Schemas of others that refused">{String(probe.refused_schemas)}</Fact>
          </Facts>
        </div>
        {isPassed ? null : (
          <ul>
            {probe.findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function SealFacts({ seal, mayOpen }: { seal: Health['seal']; mayOpen: boolean }) {
  return (
    <Card title="Seal of the ledger" action={mayOpen ? <Link to="/integrity">Integrity</Link> : null}>
      <div className="card-body facts-beside">
        <Facts>
          <Fact name="Last block">{seal.last_block === null ? null : String(seal.last_block)}</Fact>
          <Fact name="Sealed until">{seal.sealed_until ? <Instant value={seal.sealed_until} exact /> : null}</Fact>
          <Fact name="Last verification">{seal.verified_at ? <Instant value={seal.verified_at} exact /> : null}</Fact>
          <Fact name="Problems found">{seal.problems === null ? null : String(seal.problems)}</Fact>
        </Facts>
      </div>
    </Card>
  );
}
