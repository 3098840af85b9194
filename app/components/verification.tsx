import { Link, useRevalidator } from '@remix-run/react';
import { useEffect } from 'react';
import type { Chain, Finding } from '../../server/contexts/seal/schemas.ts';
import type { FormState } from '../forms.ts';
import { humanize } from '../labels.ts';
import { Badge } from './badge.tsx';
import { Card, Fact, Facts } from './card.tsx';
import { PortalForm, SubmitButton } from './form.tsx';
import { Icon } from './icon.tsx';
import { TableScroll } from './table.tsx';
import { Instant } from './time.tsx';

const POLL_MS = 1_500;

type Props = { chain: Chain; mayVerify: boolean; formKey: string; state: FormState | undefined };

/** The last verification and what it found, and the way to another. */
export function VerificationCard({ chain, mayVerify, formKey, state }: Props) {
  const { verification, running } = chain;
  return (
    <Card title="Verification" action={verification ? <Verdict problems={verification.problems} /> : null}>
      <div className="card-body stack-tight">
        {verification ? (
          <>
            <div className="facts-beside">
              <Facts>
                <Fact name="Verified">
                  <Instant value={verification.verified_at} exact />
                </Fact>
                <Fact name="Blocks">{String(verification.last_block)}</Fact>
                <Fact name="Journals">{String(verification.journals)}</Fact>
                <Fact name="Audit events">{String(verification.events)}</Fact>
                {verification.erased > 0 ? <Fact name="With erased texts">{String(verification.erased)}</Fact> : null}
              </Facts>
            </div>
            {verification.head_hash ? (
              <p className="soft">
                Head of the chain: <code className="hash">{verification.head_hash}</code>
              </p>
            ) : null}
          </>
        ) : (
          <p className="soft">Nothing has been verified yet. It also happens by itself, every day.</p>
        )}
        {running ? (
          <Running running={running} />
        ) : mayVerify ? (
          <PortalForm state={state} formKey={formKey} labels={{}}>
            <div className="form-foot">
              <SubmitButton>Verify now</SubmitButton>
              <span className="soft">Recomputes every hash and every folded sum, in the background.</span>
            </div>
          </PortalForm>
        ) : null}
      </div>
      {verification && verification.findings.length > 0 ? <Findings verification={verification} /> : null}
    </Card>
  );
}

function Verdict({ problems }: { problems: number }) {
  return problems === 0 ? (
    <Badge status="active" label="Everything fits" />
  ) : (
    <Badge status="failed" label={problems === 1 ? '1 problem' : `${problems} problems`} />
  );
}

type Progress = { part?: string; done?: number; of?: number };

/** Asks again by itself; without JavaScript, by a link. */
function Running({ running }: { running: NonNullable<Chain['running']> }) {
  const { revalidate, state } = useRevalidator();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer sets the next question
  useEffect(() => {
    const timer = setTimeout(revalidate, POLL_MS);
    return () => clearTimeout(timer);
  }, [running, state]);
  const { part, done, of } = (running.progress ?? {}) as Progress;
  const text =
    part === 'blocks'
      ? `Block ${done} of ${of}`
      : part === 'rows'
        ? 'Looking for rows that no block holds'
        : part === 'sums'
          ? 'Comparing folded sums with the lines'
          : 'Waiting for its turn';
  return (
    <div className="verifying" role="status">
      <progress max={of || 1} value={part === 'blocks' ? done : undefined} aria-label="Progress of the verification" />
      <span>{text} …</span>
      <a href="/integrity">Look again</a>
    </div>
  );
}

const SUBJECTS: Readonly<Record<string, { label: string; page?: string }>> = {
  transaction: { label: 'Transaction', page: '/transactions' },
  event: { label: 'Audit event', page: '/audit' },
  total: { label: 'Totals', page: '/accounts' },
  day: { label: 'Sums by day', page: '/accounts' },
  month: { label: 'Sums by month', page: '/accounts' },
  mark: { label: 'Marks', page: '/accounts' },
  limit: { label: 'Limited balance', page: '/accounts' },
};

/** What a finding is about, with the way there when it is still there. */
function Subject({ found }: { found: Finding }) {
  const { label = humanize(found.what), page } = SUBJECTS[found.what] ?? {};
  return page && found.problem !== 'missing' ? <Link to={`${page}/${found.id}`}>{label}</Link> : label;
}

function Findings({ verification }: { verification: NonNullable<Chain['verification']> }) {
  const { findings, problems } = verification;
  return (
    <>
      <TableScroll label="What does not fit">
        <table>
          <thead>
            <tr>
              <th className="medium-only">What</th>
              <th>Problem</th>
              <th className="medium-only">Block</th>
              <th>In words</th>
            </tr>
          </thead>
          <tbody>
            {findings.map((found) => (
              <tr key={`${found.what} ${found.id} ${found.problem} ${found.message}`}>
                <td className="medium-only">
                  <Subject found={found} />
                </td>
                <td>
                  <Badge status="failed" label={humanize(found.problem)} />
                </td>
                <td className="medium-only">{found.block ?? '–'}</td>
                <td className="wrap-anywhere">{found.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {problems > findings.length ? (
        <p className="card-body soft">
          <Icon name="alert" size={14} /> The first {findings.length} of {problems}.
        </p>
      ) : null}
    </>
  );
}
