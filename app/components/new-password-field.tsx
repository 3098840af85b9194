import { TextField } from './field.tsx';

/** A password that somebody chooses for themselves. */
export function NewPasswordField() {
  return (
    <TextField
      name="password"
      label="Password"
      type="password"
      autoComplete="new-password"
      hint="At least 12 characters. A few unrelated words make a good one."
      required
    />
  );
}
