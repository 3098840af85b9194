import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { data } from '@remix-run/server-runtime';
import { mailList } from '../../server/contexts/mailbox/operations.ts';
import type { Mail } from '../../server/contexts/mailbox/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { MailFrame } from '../components/mail-frame.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Mailbox');

export async function loader({ context }: LoaderFunctionArgs) {
  if (!context.hasMailbox) return data({ mails: null }, { status: 404 });
  return data({ mails: (await context.run(mailList, { limit: 50 })).data });
}

export default function Mailbox() {
  const { mails } = useLoaderData<typeof loader>();
  if (mails === null) return <NoMailbox />;
  return (
    <>
      <PageHeader
        title="Mailbox"
        lead="On this local system mail goes nowhere but here. These are the latest fifty messages to anybody; open a link as the person it was sent to."
      />
      <div className="stack form-narrow">
        {mails.length === 0 ? (
          <Card>
            <Empty icon="mail" title="No mail yet">
              Invitations, links to reset a password and notices land here.
            </Empty>
          </Card>
        ) : (
          mails.map((mail) => <Letter key={mail.id} mail={mail} />)
        )}
      </div>
    </>
  );
}

function NoMailbox() {
  return (
    <>
      <PageHeader title="Mailbox" />
      <Card>
        <Empty icon="mail" title="There is no mailbox here">
          Only a local system keeps mail in the portal. Here it goes to its recipients once an e-mail provider is
          connected; System health tells how much is waiting.
        </Empty>
      </Card>
    </>
  );
}

function Letter({ mail }: { mail: Mail }) {
  return (
    <Card title={mail.subject} action={<Instant value={mail.created_at} />}>
      <div className="card-body">
        <p className="soft">To {mail.recipient}</p>
        <p className="letter">{mail.body.split(/(https?:\/\/\S+)/).map(linked)}</p>
        {mail.html === null ? null : (
          <details className="disclosure">
            <summary>As it looks</summary>
            <MailFrame html={mail.html} title={`The mail “${mail.subject}” as it looks`} />
          </details>
        )}
      </div>
    </Card>
  );
}

/** Every second part of a split text is an address. */
function linked(part: string, index: number) {
  return index % 2 === 1 ? (
    <a key={part} href={part}>
      {part}
    </a>
  ) : (
    part
  );
}
