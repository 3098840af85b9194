import { Form, Link, useLocation, useSearchParams } from '@remix-run/react';
import { createContext, type FormEvent, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import type { BulkChoice } from '../bulk-actions.ts';
import { valuesOf, withParameters } from '../list-query.ts';

type Selected = { count: number; isLive: boolean; isAll: boolean; selectAll: (isOn: boolean) => void };

const Context = createContext<Selected>({ count: 0, isLive: false, isAll: false, selectAll: () => {} });

type Props = { list: string; choices: BulkChoice[]; children: ReactNode };

/**
 * Rows that are ticked, and what can be done to all of them: a plain form that leads to a page which asks once more. The
 * bar shows while something is ticked, by the style sheet alone.
 */
export function Selection({ list, choices, children }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const { pathname, search, key } = useLocation();
  const [isLive, setLive] = useState(false);
  const [{ count, isAll }, setSelected] = useState({ count: 0, isAll: false });
  const boxes = () => [...(form.current?.querySelectorAll<HTMLInputElement>('input[name="id"]') ?? [])];
  const recount = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    setSelected({ count: ticked, isAll: ticked > 0 && ticked === boxes().length });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are there after each step
  useEffect(() => {
    setLive(true);
    recount();
  }, [key]);
  const selectAll = (isOn: boolean) => {
    for (const box of boxes()) box.checked = isOn;
    recount();
  };
  return (
    <Context.Provider value={{ count, isLive, isAll, selectAll }}>
      <Form
        ref={form}
        className="selection"
        action={`/bulk/${list}`}
        onChange={(event: FormEvent<HTMLFormElement>) => {
          if ((event.target as HTMLInputElement).name === 'id') recount();
        }}
      >
        <input type="hidden" name="back" value={pathname + search} />
        {children}
        <fieldset className="bulk-bar">
          <legend className="visually-hidden">With the rows that are selected</legend>
          <span role="status">{isLive ? `${count} selected` : 'With what is selected:'}</span>
          {choices.map(({ name, label }) => (
            <button key={name} type="submit" name="action" value={name} className="button">
              {label}
            </button>
          ))}
          {isLive ? (
            <button type="button" className="button button-plain" onClick={() => selectAll(false)}>
              Select none
            </button>
          ) : null}
        </fieldset>
      </Form>
    </Context.Provider>
  );
}

/** Takes all rows of the page: by a box, or by an address where there is no JavaScript. */
export function SelectAll() {
  const { count, isLive, isAll, selectAll } = useContext(Context);
  const [search] = useSearchParams();
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = count > 0 && !isAll;
  }, [count, isAll]);
  if (!isLive) {
    return (
      <noscript>
        <Link to={withParameters(valuesOf(search), { selected: 'all' })} aria-label="Select all on this page">
          All
        </Link>
      </noscript>
    );
  }
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label="Select all on this page"
      checked={isAll}
      onChange={(event) => selectAll(event.target.checked)}
    />
  );
}
