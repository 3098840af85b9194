// Where mail lands while the tenant has no e-mail provider, so that links for invitations and passwords can be followed.
// Whoever opens it can follow the links of others: it is for owners and admins, and no pattern of `*:read` reaches it.
import { requireWholeTenant } from '../../operations/actor.ts';
import { defineOperation } from '../../operations/operation.ts';
import { pageOfMail } from './queries.ts';
import { mailListInput, mailList as mailListSchema } from './schemas.ts';

export const mailList = defineOperation({
  name: 'mailbox.list',
  kind: 'read',
  risk: 'read',
  permission: 'mailbox:open',
  resource: 'mailbox',
  summary: 'List the mail that no provider carried away',
  input: mailListInput,
  output: mailListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/mailbox' },
  closedDoors: { mcp: 'It holds links that stand for a person.' },
  run: (ctx, input) => {
    requireWholeTenant(ctx.scope, 'Mail');
    return pageOfMail(ctx.tx, input);
  },
});
