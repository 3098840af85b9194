import { useEffect, useRef } from 'react';
import type { InferOutput } from 'valibot';
import type { RoleEffect, rolePreview } from '../../server/contexts/role/schemas.ts';
import type { FormValues } from '../forms.ts';
import { permissionLabel } from '../labels.ts';
import { permissionsIn } from '../role-form.ts';
import { WHOLE_TENANT } from '../team-places.ts';
import { Card } from './card.tsx';
import { SubmitButton } from './form.tsx';
import { Table } from './table.tsx';

export type RolePreview = InferOutput<typeof rolePreview>;

/** The step before saving: who gains and who loses what. The form waits inside, unseen. */
export function RolePreviewStep({ preview, values }: { preview: RolePreview; values: FormValues }) {
  const { added, removed, holders, affected, data } = preview;
  const step = useRef<HTMLDivElement>(null);
  // It takes the place of the editor, so that a screen reader goes on here.
  useEffect(() => step.current?.focus(), []);
  return (
    <div ref={step} tabIndex={-1}>
      <Card title="Who gains and loses what">
        <div className="card-body preview-words">
          <p>
            {added.length + removed.length === 0
              ? 'The permissions stay as they are.'
              : `${count(added.length, 'permission')} added, ${removed.length} taken out.`}{' '}
            {affected === 0
              ? `Nobody gains or loses anything: ${holders === 0 ? 'nobody holds this role.' : 'what changes, other roles give them as well.'}`
              : `It changes what ${affected === 1 ? 'one of' : `${affected} of`} those who hold it may do, at once.`}
          </p>
          <Changed title="Added" permissions={added} sign="plus" />
          <Changed title="Taken out" permissions={removed} sign="minus" />
        </div>
        {data.length > 0 ? <Effects rows={data} /> : null}
        {affected > data.length ? <p className="card-note">The first {data.length} are shown.</p> : null}
        <div className="card-note form-foot">
          <HiddenRole values={values} />
          <SubmitButton name="intent" value="save">
            Save
          </SubmitButton>
          <button type="submit" name="intent" value="back" className="button">
            Back
          </button>
        </div>
      </Card>
    </div>
  );
}

function HiddenRole({ values }: { values: FormValues }) {
  return (
    <>
      <input type="hidden" name="name" value={values.name} />
      <input type="hidden" name="description" value={values.description} />
      {permissionsIn(values).map((permission) => (
        <input key={permission} type="hidden" name="permissions" value={permission} />
      ))}
    </>
  );
}

function Changed({ title, permissions, sign }: { title: string; permissions: string[]; sign: 'plus' | 'minus' }) {
  if (permissions.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <Permissions permissions={permissions} sign={sign} />
    </div>
  );
}

function Permissions({ permissions, sign }: { permissions: string[]; sign: 'plus' | 'minus' }) {
  if (permissions.length === 0) return <span className="faint">–</span>;
  return (
    <span className={`role-permissions permissions-${sign}`}>
      {permissions.map((permission) => (
        <code key={permission}>{permissionLabel(permission)}</code>
      ))}
    </span>
  );
}

function Effects({ rows }: { rows: RoleEffect[] }) {
  return (
    <Table
      label="Who gains and loses what"
      rows={rows}
      rowKey={(row) => `${row.id} ${row.merchant_org_id} ${row.merchant_id}`}
      columns={[
        {
          head: 'Who',
          cell: (row) => (
            <>
              {row.name}
              <span className="cell-note">
                {row.type === 'api_key' ? 'API key · ' : ''}
                {row.place ?? WHOLE_TENANT}
              </span>
            </>
          ),
        },
        { head: 'Gains', cell: (row) => <Permissions permissions={row.gains} sign="plus" /> },
        { head: 'Loses', cell: (row) => <Permissions permissions={row.loses} sign="minus" /> },
      ]}
    />
  );
}

function count(number: number, word: string): string {
  return number === 1 ? `1 ${word}` : `${number} ${word}s`;
}
