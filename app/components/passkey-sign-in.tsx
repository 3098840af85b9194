import { useSubmit } from '@remix-run/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { askForPasskey, hasPasskeys, suggestPasskeys } from '../passkeys.ts';

/** The other way in, where the browser has it: by a button, and among the suggestions of the e-mail field. */
export function PasskeySignIn() {
  const submit = useSubmit();
  const suggestion = useRef<AbortController | null>(null);
  const [state, setState] = useState<'absent' | 'ready' | 'asking' | 'declined'>('absent');
  const send = useCallback((credential: string) => submit({ credential }, { method: 'post' }), [submit]);
  useEffect(() => {
    if (!hasPasskeys()) return;
    setState('ready');
    const controller = new AbortController();
    suggestion.current = controller;
    void suggestPasskeys(controller.signal).then((credential) => {
      if (credential && !controller.signal.aborted) send(credential);
    });
    return () => controller.abort();
  }, [send]);
  if (state === 'absent') return null;
  const ask = () => {
    // A browser asks one question at a time.
    suggestion.current?.abort();
    setState('asking');
    askForPasskey('optional', AbortSignal.timeout(120_000)).then(
      (credential) => {
        setState('ready');
        send(credential);
      },
      () => setState('declined'),
    );
  };
  return (
    <div className="passkey-sign-in">
      <span className="passkey-or" aria-hidden="true">
        or
      </span>
      <button type="button" className="button button-wide" onClick={ask} aria-disabled={state === 'asking'}>
        Use a passkey
      </button>
      <p className="soft" role="status">
        {state === 'declined' ? 'No passkey was given. Try again, or sign in with your password.' : ''}
      </p>
    </div>
  );
}
