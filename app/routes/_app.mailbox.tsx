import type { LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { mailList } from '../../server/contexts/mailbox/operations.ts';
import type { Mail } from '../../server/contexts/mailbox/schemas.ts';
import { Card } from '../components/card.tsx';
import { Empty } from '../components/empty.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { Instant } from '../components/time.tsx';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Mailbox');

export async function loader({ context }: LoaderFunctionArgs) {
  return { mails: (await context.run(mailList, { limit: 50 })).data };
}

export default function Mailbox() {
  const { mails } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="Mailbox"
        lead="No e-mail provider is connected, so mail stays here. The latest fifty, of everybody: links in it are for their recipients."
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

function Letter({ mail }: { mail: Mail }) {
  return (
    <Card title={mail.subject} action={<Instant value={mail.created_at} />}>
      <div className="card-body">
        <p className="soft">To {mail.recipient}</p>
        <p className="letter">{mail.body.split(/(https?:\/\/\S+)/).map(linked)}</p>
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
