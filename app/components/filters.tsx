import { Form, Link, useLocation } from '@remix-run/react';
import type { ReactNode } from 'react';
import { isFiltered } from '../list-query.ts';
import { Icon } from './icon.tsx';

export type Choice = { value: string; label: string };

type FiltersProps = { values: Record<string, string>; submit?: string; children: ReactNode };

/** The filters of a list: a plain GET form, so that a filtered list has an address to share. */
export function Filters({ values, submit = 'Apply', children }: FiltersProps) {
  const { pathname } = useLocation();
  // The key empties the fields when the filters are cleared; the browser would keep what was typed.
  return (
    <Form method="get" className="filters" role="search" aria-label="Filter this list" key={JSON.stringify(values)}>
      {children}
      {values.sort ? <input type="hidden" name="sort" value={values.sort} /> : null}
      <div className="filters-buttons">
        <button type="submit" className="button">
          {submit}
        </button>
        {isFiltered(values) ? (
          <Link to={pathname} className="button button-plain">
            <Icon name="close" size={12} />
            Clear
          </Link>
        ) : null}
      </div>
    </Form>
  );
}

type FilterProps = { name: string; label: string; values: Record<string, string> };

type SearchProps = FilterProps & { placeholder?: string; isNarrow?: boolean };

export function SearchFilter({ name, label, values, placeholder, isNarrow = false }: SearchProps) {
  return (
    <div className={isNarrow ? 'filter filter-narrow' : 'filter filter-search'}>
      <label htmlFor={`filter-${name}`}>{label}</label>
      <input
        id={`filter-${name}`}
        type="search"
        name={name}
        defaultValue={values[name] ?? ''}
        placeholder={placeholder}
        className="control"
        autoComplete="off"
      />
    </div>
  );
}

export function SelectFilter({ name, label, values, choices }: FilterProps & { choices: Choice[] }) {
  return (
    <div className="filter">
      <label htmlFor={`filter-${name}`}>{label}</label>
      <select id={`filter-${name}`} name={name} defaultValue={values[name] ?? ''} className="control">
        <option value="">Any</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}

export function DateFilter({ name, label, values }: FilterProps) {
  return (
    <div className="filter">
      <label htmlFor={`filter-${name}`}>{label}</label>
      <input
        id={`filter-${name}`}
        type="date"
        name={name}
        defaultValue={values[name] ?? ''}
        className="control"
        min="1900-01-01"
        max="9999-12-31"
      />
    </div>
  );
}
