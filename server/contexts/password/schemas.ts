import * as v from 'valibot';
import { email, id, instant, text } from '../../operations/schemas.ts';
import { password } from '../user/schemas.ts';

export const changePasswordInput = v.strictObject({ current_password: text(1024), password });
export const changedPassword = v.object({ expires_at: instant, token: v.string() });

export const requestResetInput = v.strictObject({ email });
export const mailResetInput = v.strictObject({ email, origin: v.string() });

export const useResetInput = v.strictObject({
  token: v.pipe(v.string(), v.minLength(20), v.maxLength(100)),
  password,
});
export const usedReset = v.object({ user_id: id, email: v.string() });
