import { useEffect, useState } from 'react';
import { humanize } from '../labels.ts';
import type { PermissionRow, Tickable } from '../role-form.ts';
import { matches, permissionsIn, toggled } from '../role-form.ts';
import { useField } from './form.tsx';
import { Icon } from './icon.tsx';

/** Actions that most resources know have a column; the others follow in one. */
const COLUMNS = ['read', 'create', 'update'];

type Props = { rows: PermissionRow[] };

/** Every permission that there is: a row per resource, the usual actions in columns. On a phone, a list per resource. */
export function PermissionMatrix({ rows }: Props) {
  const [chosen, setChosen] = useState(permissionsIn({ permissions: useField('permissions').value }));
  const [words, setWords] = useState(useField('find').value);
  const isLocked = rows.some(({ permissions }) => permissions.some(({ mayTick }) => !mayTick));
  const toggle = (permission: string) =>
    setChosen((before) =>
      before.includes(permission) ? before.filter((each) => each !== permission) : [...before, permission],
    );
  return (
    <div className="matrix-frame">
      <MatrixHead words={words} setWords={setWords} chosen={chosen.length} />
      {isLocked ? (
        <p className="card-note matrix-locked">
          <Icon name="lock" size={14} />
          What you do not hold yourself for the whole tenant cannot be ticked: nobody gives what they lack.
        </p>
      ) : null}
      <ul className="matrix">
        {rows.map((row) => (
          <MatrixRow
            key={row.resource}
            row={row}
            isHidden={!matches(row, words)}
            chosen={chosen}
            toggle={toggle}
            toggleAll={() => setChosen(toggled(chosen, row))}
          />
        ))}
      </ul>
      {rows.some((row) => matches(row, words)) ? null : <p className="card-note">No permission has these words.</p>}
    </div>
  );
}

type RowProps = RowHeadProps & { isHidden: boolean; toggle: (permission: string) => void };

/** What is hidden is still sent with the form. */
function MatrixRow({ row, isHidden, chosen, toggle, toggleAll }: RowProps) {
  const permit = (one: Tickable) => (
    <Permit key={one.permission} one={one} of={row.label} isOn={chosen.includes(one.permission)} toggle={toggle} />
  );
  return (
    <li hidden={isHidden}>
      <RowHead row={row} chosen={chosen} toggleAll={toggleAll} />
      <div className="matrix-cells">
        {COLUMNS.map((action) => {
          const one = row.permissions.find((each) => each.action === action);
          return one ? permit(one) : <span key={action} className="matrix-gap" />;
        })}
        <div className="matrix-others">
          {row.permissions.filter(({ action }) => !COLUMNS.includes(action)).map(permit)}
        </div>
      </div>
    </li>
  );
}

type HeadProps = { words: string; setWords: (words: string) => void; chosen: number };

function MatrixHead({ words, setWords, chosen }: HeadProps) {
  const [isLive, setLive] = useState(false);
  useEffect(() => setLive(true), []);
  return (
    <div className="matrix-head">
      <div className="filter filter-search">
        <label htmlFor="matrix-find">Find a permission</label>
        <input
          id="matrix-find"
          type="search"
          name="find"
          className="control"
          autoComplete="off"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {isLive ? null : (
        <button type="submit" name="intent" value="find" className="button">
          Find
        </button>
      )}
      <label className="matrix-explain">
        <input type="checkbox" defaultChecked={false} />
        Say what each lets them do
      </label>
      <span className="matrix-count" aria-live="polite">
        {chosen} ticked
      </span>
    </div>
  );
}

type RowHeadProps = { row: PermissionRow; chosen: string[]; toggleAll: () => void };

function RowHead({ row, chosen, toggleAll }: RowHeadProps) {
  const own = row.permissions.filter(({ mayTick }) => mayTick);
  const isAll = own.every(({ permission }) => chosen.includes(permission));
  return (
    <div className="matrix-row-head">
      <h3>{row.label}</h3>
      {own.length > 1 ? (
        <button
          type="submit"
          name="intent"
          value={`all-${row.resource}`}
          className="link-button"
          onClick={(event) => {
            event.preventDefault();
            toggleAll();
          }}
        >
          {isAll ? 'None' : 'All'}
          <span className="visually-hidden"> of {row.label}</span>
        </button>
      ) : null}
    </div>
  );
}

type PermitProps = { one: Tickable; of: string; isOn: boolean; toggle: (permission: string) => void };

function Permit({ one, of, isOn, toggle }: PermitProps) {
  const id = `permit-${one.permission.replace(':', '-')}`;
  return (
    <div className="permit">
      {one.mayTick ? (
        <input
          type="checkbox"
          id={id}
          name="permissions"
          value={one.permission}
          checked={isOn}
          onChange={() => toggle(one.permission)}
          aria-describedby={`${id}-help`}
        />
      ) : (
        <>
          <input type="checkbox" id={id} checked={isOn} disabled readOnly aria-describedby={`${id}-help`} />
          <Icon name="lock" size={12} />
        </>
      )}
      <label htmlFor={id}>
        <span className="visually-hidden">{of}: </span>
        {actionWords(one)}
      </label>
      <Risk one={one} />
      <span className="permit-help" id={`${id}-help`}>
        {one.mayTick ? null : 'You do not hold this yourself. '}
        {one.operations.map(({ summary }) => summary).join('. ')}.
      </span>
    </div>
  );
}

function actionWords({ action }: Tickable): string {
  return humanize(action).toLowerCase();
}

const GRAVE = ['money', 'credential', 'destructive'] as const;

/** Named where something more than data is at stake. */
function Risk({ one }: { one: Tickable }) {
  const risk = GRAVE.find((each) => one.operations.some((operation) => operation.risk === each));
  return risk ? <span className={`risk risk-${risk}`}>{risk}</span> : null;
}

/** What a role gives, for those who cannot change it. */
export function PermissionsGiven({ rows, given }: { rows: PermissionRow[]; given: string[] }) {
  return (
    <ul className="matrix matrix-read">
      {rows.map(({ resource, label, permissions }) => {
        const own = permissions.filter(({ permission }) => given.includes(permission));
        return (
          <li key={resource}>
            <div className="matrix-row-head">
              <h3>{label}</h3>
            </div>
            {own.length === 0 ? (
              <span className="faint">Nothing</span>
            ) : (
              <ul className="matrix-given">
                {own.map((one) => (
                  <li key={one.permission}>
                    <Icon name="check" size={14} />
                    <span>{actionWords(one)}</span>
                    <Risk one={one} />
                    <span className="permit-help">{one.operations.map(({ summary }) => summary).join('. ')}.</span>
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ul>
  );
}
