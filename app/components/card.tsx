import { type ReactNode, useId } from 'react';

type Props = {
  title?: string;
  action?: ReactNode;
  children: ReactNode;
  padded?: boolean;
  /** Of no use on paper. */
  isForScreen?: boolean;
};

/** A part of a page on its own surface; with a title it is a section of that name. */
export function Card({ title, action, children, padded = false, isForScreen = false }: Props) {
  const headingId = useId();
  const body = padded ? <div className="card-body">{children}</div> : children;
  const className = isForScreen ? 'card screen-only' : 'card';
  if (!title) return <div className={className}>{body}</div>;
  return (
    <section className={className} aria-labelledby={headingId}>
      <div className="card-header">
        <h2 id={headingId}>{title}</h2>
        {action}
      </div>
      {body}
    </section>
  );
}

/** Names and values. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

/** One of them; an absent value is a dash. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children || <span className="faint">–</span>}</dd>
    </div>
  );
}
