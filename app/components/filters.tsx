import { Form, Link, useLocation } from '@remix-run/react';
import { type ReactNode, useEffect, useRef } from 'react';
import { isFiltered } from '../list-query.ts';
import { Icon } from './icon.tsx';
import { type GroupedChoice, Options } from './options.tsx';

export type Choice = { value: string; label: string };

type FiltersProps = { values: Record<string, string>; submit?: string; children: ReactNode };

/** The filters of a list: a plain GET form, so that a filtered list has an address to share. */
export function Filters({ values, submit = 'Apply', children }: FiltersProps) {
  const { pathname } = useLocation();
  return (
    <Form method="get" className="filters" role="search" aria-label="Filter this list">
      {children}
      {['sort', 'columns', 'view'].map((name) =>
        values[name] ? <input key={name} type="hidden" name={name} value={values[name]} /> : null,
      )}
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

/** Filters that are seldom needed, folded away until one of them is set. */
export function MoreFilters({ isOpen, children }: { isOpen: boolean; children: ReactNode }) {
  return (
    <details className="filters-more" open={isOpen}>
      <summary>More filters</summary>
      <div>{children}</div>
    </details>
  );
}

type FilterProps = { name: string; label: string; values: Record<string, string> };

/**
 * Keeps a field at the value of the address when that changes, as by Clear or Back, without losing the focus.
 * What somebody typed before the page came alive is no change of the address, and stays.
 */
function useAddressValue<T extends HTMLInputElement | HTMLSelectElement>({ name, values }: FilterProps) {
  const value = values[name] ?? '';
  const field = useRef<T>(null);
  const shown = useRef(value);
  useEffect(() => {
    if (field.current && shown.current !== value) field.current.value = value;
    shown.current = value;
  }, [value]);
  return { ref: field, defaultValue: value };
}

type SearchProps = FilterProps & { placeholder?: string; isNarrow?: boolean };

export function SearchFilter({ placeholder, isNarrow = false, ...filter }: SearchProps) {
  const { name, label } = filter;
  return (
    <div className={isNarrow ? 'filter filter-narrow' : 'filter filter-search'}>
      <label htmlFor={`filter-${name}`}>{label}</label>
      <input
        {...useAddressValue<HTMLInputElement>(filter)}
        id={`filter-${name}`}
        type="search"
        name={name}
        placeholder={placeholder}
        className="control"
        autoComplete="off"
      />
    </div>
  );
}

type SelectProps = FilterProps & { choices: GroupedChoice[]; isNeeded?: boolean; empty?: string };

/** With `isNeeded` one of the choices is always taken; else there is one more, for any. */
export function SelectFilter({ choices, isNeeded = false, empty = 'Any', ...filter }: SelectProps) {
  const { name, label } = filter;
  return (
    <div className="filter">
      <label htmlFor={`filter-${name}`}>{label}</label>
      <select {...useAddressValue<HTMLSelectElement>(filter)} id={`filter-${name}`} name={name} className="control">
        {isNeeded ? null : <option value="">{empty}</option>}
        <Options choices={choices} />
      </select>
    </div>
  );
}

export function DateFilter(filter: FilterProps) {
  const { name, label } = filter;
  return (
    <div className="filter">
      <label htmlFor={`filter-${name}`}>{label}</label>
      <input
        {...useAddressValue<HTMLInputElement>(filter)}
        id={`filter-${name}`}
        type="date"
        name={name}
        className="control"
        min="1900-01-01"
        max="9999-12-31"
      />
    </div>
  );
}
