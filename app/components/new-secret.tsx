import { useEffect, useState } from 'react';
import { Card } from './card.tsx';
import { Notice } from './notice.tsx';

/** A secret that is shown this one time. */
export function NewSecret({
  title,
  name,
  secret,
  href,
}: {
  title: string;
  name: string;
  secret: string;
  href: string;
}) {
  return (
    <Card title={title} padded>
      <Notice tone="warn">Copy it now and keep it where only its program can read it. It is not shown again.</Notice>
      <div className="new-secret">
        <input className="control mono" aria-label={`Secret of ${name}`} value={secret} readOnly spellCheck={false} />
        <CopyButton text={secret} />
      </div>
      <a className="button button-primary" href={href}>
        I have kept it
      </a>
    </Card>
  );
}

/** Without JavaScript, or where the browser forbids it, the text is there to be selected. */
function CopyButton({ text }: { text: string }) {
  const [state, setState] = useState<'absent' | 'ready' | 'done'>('absent');
  useEffect(() => setState(navigator.clipboard ? 'ready' : 'absent'), []);
  if (state === 'absent') return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState('done'),
      () => setState('absent'),
    );
  return (
    <>
      <button type="button" className="button" onClick={copy}>
        {state === 'done' ? 'Copied' : 'Copy'}
      </button>
      <span className="visually-hidden" role="status">
        {state === 'done' ? 'The secret was copied' : ''}
      </span>
    </>
  );
}
