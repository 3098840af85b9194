import type { BrandingPreview as Preview } from '../../server/contexts/tenant/schemas.ts';
import { Card } from './card.tsx';
import { MailFrame } from './mail-frame.tsx';
import { Mark } from './shell.tsx';

/** How the sign-in page and a mail would look. The style sheet of a colour that is tried is the page's while it is shown. */
export function BrandingPreview({ preview, name, colour }: { preview: Preview; name: string; colour: string | null }) {
  return (
    <>
      {colour ? <link rel="stylesheet" href={`/branding.css?v=${colour.slice(1)}`} /> : null}
      <Card title="Signing in">
        <div className="card-body branding-sample">
          <span className="brand">
            <Mark name={name} logo={preview.logo} />
            <span className="brand-name">{name}</span>
          </span>
          <span className="button button-primary">Sign in</span>
        </div>
      </Card>
      <Card title="A mail" padded>
        <p className="soft">{preview.mail.subject}</p>
        <MailFrame html={preview.mail.html} title="The mail as it looks" />
        <details className="disclosure">
          <summary>As text alone</summary>
          <p className="letter">{preview.mail.text}</p>
        </details>
      </Card>
    </>
  );
}
