import { Form, Link, useLocation, useNavigation } from '@remix-run/react';
import { createContext, type FormEventHandler, type ReactNode, useContext, useEffect, useRef } from 'react';
import type { Problem } from '../../server/operations/errors.ts';
import type { FormState, FormValues } from '../forms.ts';
import { Icon } from './icon.tsx';
import { Imbalances } from './imbalances.tsx';

type FormMemory = { values: FormValues; errors: Record<string, string[]>; idPrefix: string };

const Memory = createContext<FormMemory>({ values: {}, errors: {}, idPrefix: '' });

/** What a field shows: what was typed before the error, else what was there. */
export function useField(name: string): { id: string; value: string; errors: string[] } {
  const { values, errors, idPrefix } = useContext(Memory);
  return { id: fieldId(idPrefix, name), value: values[name] ?? '', errors: errors[name] ?? [] };
}

function fieldId(prefix: string, name: string): string {
  return `${prefix}field-${name}`;
}

type Props = {
  /** The answer of the action when it refused. */
  state: FormState | undefined;
  /** What the fields hold at first. */
  values?: FormValues;
  /** Makes sending twice do the work once. */
  formKey: string;
  /** Names of the fields, for the summary of errors. */
  labels: Record<string, string>;
  /** The version that is being changed. */
  version?: number;
  /** Tells the fields of several forms on one page apart. */
  idPrefix?: string;
  className?: string;
  onInput?: FormEventHandler<HTMLFormElement>;
  /** For forms with a file. */
  encType?: 'multipart/form-data';
  children: ReactNode;
};

/** A form that keeps what was typed, names its errors on top and beside the fields, and works without JavaScript. */
export function PortalForm({
  state,
  values = {},
  formKey,
  labels,
  version,
  idPrefix = '',
  className = '',
  onInput,
  encType,
  children,
}: Props) {
  const memory = { values: { ...values, ...state?.values }, errors: state?.problem?.errors ?? {}, idPrefix };
  return (
    <Memory.Provider value={memory}>
      {state?.problem ? <ErrorSummary problem={state.problem} labels={labels} idPrefix={idPrefix} /> : null}
      <Form
        method="post"
        encType={encType}
        className={`form ${className}`}
        key={state?.key ?? formKey}
        onInput={onInput}
        noValidate
      >
        <input type="hidden" name="idempotency_key" value={state?.key ?? formKey} />
        {version === undefined ? null : <input type="hidden" name="version" value={version} />}
        {children}
      </Form>
    </Memory.Provider>
  );
}

type SummaryProps = { problem: Problem; labels: Record<string, string>; idPrefix?: string };

/** Takes the focus when it appears, so that a screen reader starts with what went wrong. */
export function ErrorSummary({ problem, labels, idPrefix = '' }: SummaryProps) {
  const summary = useRef<HTMLDivElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new problem takes the focus again
  useEffect(() => summary.current?.focus(), [problem]);
  const fields = Object.entries(problem.errors ?? {});
  return (
    <div className="notice notice-bad" role="alert" tabIndex={-1} ref={summary}>
      <Icon name="alert" />
      <div>
        <strong>{problem.title}</strong>
        {fields.length === 0 && !isSameSentence(problem) ? <p>{problem.detail}</p> : null}
        <Imbalances problem={problem} />
        {problem.code === 'stale' ? (
          <p>
            <a href={pathname}>Open the form again</a> to see what it is now.
          </p>
        ) : null}
        {problem.code === 'step_up_required' ? (
          <p>
            <Link to="/support-access/step-up">Allow changes</Link>, then send the form again.
          </p>
        ) : null}
        <ul>
          {fields.map(([name, messages]) => (
            <li key={name}>
              <a href={`#${fieldId(idPrefix, name)}`}>
                {sentence(labels[name] ?? name, messages[0] ?? 'needs another value')}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function isSameSentence({ title, detail }: Problem): boolean {
  return detail.replace(/\.$/, '') === title;
}

/** "Name" + "is required" → "Name is required"; a message that is a sentence stands alone. */
export function sentence(label: string, message: string): string {
  return /^[a-z]/.test(message) ? `${label} ${message}` : message;
}

type SubmitProps = { children: ReactNode; wide?: boolean; name?: string; value?: string };

/** The one main button of a form. */
export function SubmitButton({ children, wide = false, ...button }: SubmitProps) {
  const isBusy = useNavigation().state === 'submitting';
  return (
    <button
      {...button}
      type="submit"
      className={`button button-primary${wide ? ' button-wide' : ''}`}
      aria-disabled={isBusy}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
      }}
    >
      {children}
    </button>
  );
}
