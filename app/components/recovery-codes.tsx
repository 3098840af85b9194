import { Notice } from './notice.tsx';

/** Shown once, to be kept where the phone is not. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  return (
    <>
      <Notice tone="good">The second factor is on. Keep these codes: they are shown this one time.</Notice>
      <p>Each signs you in once when your phone is not at hand. Print them, or keep them in your password manager.</p>
      <ul className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <a className="button button-primary" href="/account">
        I have kept them
      </a>
    </>
  );
}
