import { useLocation, useRevalidator } from '@remix-run/react';
import { useEffect } from 'react';
import type { Import, ImportProgress, ImportStatus } from '../../server/contexts/import/schemas.ts';
import { STEPS, stepsDone } from '../import-words.ts';
import { Card } from './card.tsx';
import { Icon } from './icon.tsx';
import { Notice } from './notice.tsx';
import { useTenant } from './use-tenant.ts';

const POLL_MS = 1_000;

/** Where one is on the way from a file to its rows. */
export function ImportSteps({ status }: { status: ImportStatus }) {
  if (status === 'cancelled') return null;
  const done = stepsDone(status);
  return (
    <ol className="import-steps" aria-label="Steps of the import">
      {STEPS.map((step, index) => (
        <li key={step} aria-current={index === done ? 'step' : undefined}>
          <span className={`step-mark${index < done ? ' step-done' : ''}`}>
            {index < done ? <Icon name="check" size={12} /> : index + 1}
          </span>
          {step}
          {index < done ? <span className="visually-hidden"> (done)</span> : null}
        </li>
      ))}
    </ol>
  );
}

/** What the job is at. The page asks again by itself; without JavaScript it loads again, or by a link. */
export function ImportRunning({ found }: { found: Pick<Import, 'status' | 'progress' | 'row_count'> }) {
  const { revalidate, state } = useRevalidator();
  const { pathname } = useLocation();
  const { locale } = useTenant();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer sets the next question
  useEffect(() => {
    const timer = setTimeout(revalidate, POLL_MS);
    return () => clearTimeout(timer);
  }, [found, state]);
  const progress = found.progress ?? { step: 'waiting', rows: 0, percent: null };
  if (progress.step === 'stuck') {
    return (
      <Notice tone="bad">The work on this file was given up after several tries. Cancel it and begin anew.</Notice>
    );
  }
  return (
    <Card title={found.status === 'checking' ? 'The file is being checked' : 'The rows are being imported'} padded>
      <div className="import-running">
        <p role="status">{inWords(progress, locale)}</p>
        <progress max={100} value={progress.percent ?? undefined} aria-label="Progress of the import" />
        <p className="soft">
          You may leave this page; the work goes on. <a href={pathname}>Look again</a>
        </p>
        <noscript>
          <meta httpEquiv="refresh" content="3" />
        </noscript>
      </div>
    </Card>
  );
}

function inWords({ step, rows, percent }: ImportProgress, locale: string): string {
  const count = rows.toLocaleString(locale);
  const share = percent === null ? '' : ` (${percent} %)`;
  switch (step) {
    case 'reading':
      return `${count} rows read and checked${share} …`;
    case 'comparing':
      return `${count} rows read. Looking for rows that are there already …`;
    case 'writing':
      return `${count} rows written${share}. Nobody sees them before the last …`;
    default:
      return 'Waiting for its turn …';
  }
}
