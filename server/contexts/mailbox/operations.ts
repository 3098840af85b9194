// Where mail lands on a local system, so that links for invitations and passwords can be followed. Elsewhere there is none.
// Whoever opens it can follow the links of others: it is for owners and admins, and no pattern of `*:read` reaches it.
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError } from '../../operations/errors.ts';
import { defineOperation } from '../../operations/operation.ts';
import { pageOfMail } from './queries.ts';
import { mailListInput, mailList as mailListSchema } from './schemas.ts';

export const mailList = defineOperation({
  name: 'mailbox.list',
  kind: 'read',
  risk: 'read',
  permission: 'mailbox:open',
  resource: 'mailbox',
  summary: 'List the mail of a local system',
  input: mailListInput,
  output: mailListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/mailbox' },
  closedDoors: { mcp: 'It holds links that stand for a person.' },
  run: (ctx, input) => {
    if (!ctx.services.hasMailbox) {
      throw new DomainError('not_found', 'There is no mailbox here: only a local system has one.');
    }
    requireWholeTenant(ctx.scope, 'Mail');
    return pageOfMail(ctx.tx, input);
  },
});
