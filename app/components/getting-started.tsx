import { Link } from '@remix-run/react';
import type { Overview } from '../../server/contexts/ledger/schemas.ts';
import { Card } from './card.tsx';
import { Icon } from './icon.tsx';

type Step = { title: string; text: string; href: string; label: string; isDone: boolean };

function stepsOf(overview: Overview): Step[] {
  return [
    {
      title: 'Onboard a business',
      text: 'The company that signs with you, and its first salon, clinic or studio, step by step until it is live.',
      href: '/onboard',
      label: 'Onboard a business',
      isDone: overview.merchants > 0,
    },
    {
      title: 'Say what a business needs to go live',
      text: 'Legal data, a location, services, terms: what is required here blocks going live until it is done.',
      href: '/settings/merchants',
      label: 'Choose',
      isDone: overview.merchants > 0,
    },
    {
      title: 'Post an entry',
      text: 'Money moves between accounts, and both sides always agree.',
      href: '/transactions/new',
      label: 'New entry',
      isDone: overview.transactions_last_30_days > 0,
    },
  ];
}

/** What to do first in a portal that is still empty. */
export function GettingStarted({ overview }: { overview: Overview }) {
  const steps = stepsOf(overview);
  const next = steps.find((step) => !step.isDone);
  return (
    <Card title="Getting started">
      <ol className="steps">
        {steps.map((step, index) => (
          <li key={step.href}>
            <span className={step.isDone ? 'step-mark step-done' : 'step-mark'} aria-hidden="true">
              {step.isDone ? <Icon name="check" size={13} /> : index + 1}
            </span>
            <div>
              <strong>{step.title}</strong>
              {step.isDone ? <span className="visually-hidden"> (done)</span> : null}
              <span className="cell-note">{step.text}</span>
            </div>
            {step.isDone ? null : (
              <Link className={step === next ? 'button button-primary' : 'button'} to={step.href}>
                {step.label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
