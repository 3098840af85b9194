import { TextField } from './field.tsx';

/** The code of a second factor. */
export function CodeField() {
  return (
    <TextField
      name="totp"
      label="Code"
      autoComplete="one-time-code"
      hint="The six digits of your authenticator app, or one of your recovery codes"
      maxLength={19}
      required
    />
  );
}
