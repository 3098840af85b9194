import { useSubmit } from '@remix-run/react';
import { useState, useSyncExternalStore } from 'react';
import type { CreationOptions } from '../../server/contexts/passkey/schemas.ts';
import { hasPasskeys, makePasskey } from '../passkeys.ts';
import { Notice } from './notice.tsx';

/** The step that only the browser can take: browsers want it to be a click. */
export function MakePasskey({ options, name }: { options: CreationOptions; name: string }) {
  const submit = useSubmit();
  const [state, setState] = useState<'ready' | 'exists' | 'declined'>('ready');
  // Null until scripts run, if they ever do.
  const isAble = useSyncExternalStore(neverChanges, hasPasskeys, () => null);
  const make = () =>
    makePasskey(options).then(
      (credential) => submit({ intent: 'create', name, credential }, { method: 'post' }),
      (error: unknown) =>
        setState(error instanceof DOMException && error.name === 'InvalidStateError' ? 'exists' : 'declined'),
    );
  if (isAble === null) return <Notice tone="warn">Passkeys need JavaScript, which is off in this browser.</Notice>;
  if (!isAble) return <Notice tone="warn">This browser has no passkeys. Try another one.</Notice>;
  return (
    <div className="make-passkey">
      <p>Your browser asks next where to keep it, and makes sure that it is you.</p>
      <p role="status">
        {state === 'exists' ? 'This device has a passkey of your account already.' : null}
        {state === 'declined' ? 'No passkey was made. Try again within five minutes, or start again.' : null}
      </p>
      <div className="form-foot">
        <button type="button" className="button button-primary" onClick={make}>
          Make the passkey
        </button>
        <a className="button button-plain" href="/account/passkeys/new">
          Start again
        </a>
      </div>
    </div>
  );
}

const neverChanges = () => () => {};
