// Exports of the audit trail: any range, in the order of recording, up to what can gain nothing any more. The same request
// makes the same lines again, so that a download which broke off goes on where it stopped and is verified as a whole.
import { createHash } from 'node:crypto';
import { requireWholeTenant } from '../../operations/actor.ts';
import { csvCell } from '../../operations/csv.ts';
import { DomainError } from '../../operations/errors.ts';
import { type Context, defineOperation, type FileAnswer, file } from '../../operations/operation.ts';
import { type ExportPlace, horizonOfTrail, indexWholeTrail, isEvent, readTrail } from '../audit/operations.ts';
import { type AuditEventDetail, type AuditExportInput, auditEventDetail, auditExportInput } from '../audit/schemas.ts';

/** How many events one statement looks at. */
const STEP = 1000;

const COLUMNS = Object.keys(auditEventDetail.entries) as (keyof AuditEventDetail)[];

const FORMATS = {
  jsonl: {
    type: 'application/x-ndjson',
    head: '',
    line: (event: AuditEventDetail) => `${JSON.stringify(event)}\n`,
    end: (events: number, sha256: string) => `${JSON.stringify({ type: 'end', events, sha256 })}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: `${COLUMNS.join(',')}\r\n`,
    line: (event: AuditEventDetail) => `${COLUMNS.map((column) => csvCell(event[column])).join(',')}\r\n`,
    end: (events: number, sha256: string) => `#end,${events},${sha256}\r\n`,
  },
};

type Format = (typeof FORMATS)[keyof typeof FORMATS];

/** Follows the trail to where nothing was in flight when the export began. */
async function* eventsOf(ctx: Context, input: AuditExportInput): AsyncGenerator<readonly AuditEventDetail[]> {
  await indexWholeTrail(ctx);
  const until = await horizonOfTrail(ctx);
  for (let after: ExportPlace | null = null; ; ) {
    const step: { last: ExportPlace | null; rows: AuditEventDetail[] } = await readTrail(
      ctx,
      after,
      until,
      input,
      STEP,
    );
    if (step.rows.length > 0) yield step.rows;
    if (step.last === null) return;
    after = step.last;
  }
}

/**
 * All lines go into the checksum; those up to `after` are not sent again. The last line says how many events there are and
 * the SHA-256 of everything before it.
 */
async function* partsOf(ctx: Context, input: AuditExportInput, format: Format): AsyncGenerator<string> {
  const checksum = createHash('sha256').update(format.head);
  let events = 0;
  let isSending = input.after === undefined;
  if (isSending) yield format.head;
  for await (const page of eventsOf(ctx, input)) {
    const lines = page.map(format.line);
    events += lines.length;
    checksum.update(lines.join(''));
    if (isSending) {
      yield lines.join('');
    } else {
      const last = page.findIndex(({ id }) => id === input.after);
      isSending = last >= 0;
      if (isSending) yield lines.slice(last + 1).join('');
    }
  }
  // A filter that does not find the event any more would answer nothing at all and look whole.
  if (!isSending) throw new Error('The export does not hold the event that it was to go on after');
  yield format.end(events, checksum.digest('hex'));
}

async function openExport(ctx: Context, input: AuditExportInput): Promise<FileAnswer> {
  requireWholeTenant(ctx.scope, 'Audit events');
  if (input.after !== undefined && !(await isEvent(ctx, input.after))) {
    throw new DomainError('invalid', 'The export cannot go on after an event that does not exist.', {
      errors: { after: ['does not exist'] },
    });
  }
  const name = input.format ?? 'jsonl';
  const format = FORMATS[name];
  return { name: `${ctx.tenant.slug}-audit.${name}`, type: format.type, parts: partsOf(ctx, input, format) };
}

export const auditExport = defineOperation({
  name: 'audit.export',
  kind: 'read',
  risk: 'read',
  permission: 'audit:read',
  resource: 'audit_event',
  summary: 'Export any range of the audit trail as JSONL or CSV, with a checksum, going on where a download broke off',
  input: auditExportInput,
  output: file,
  isFile: true,
  http: { method: 'GET', path: '/api/audit-logs/export' },
  closedDoors: { mcp: 'A file of any size: fetch it over HTTP.' },
  run: openExport,
});
