import { WorkerEntrypoint } from 'cloudflare:workers';
import { hashPassword, verifyPassword } from './auth/password.ts';

/** Hashes passwords away from the tenant homes, so that pages stay fast while somebody signs in. */
export class PasswordHasher extends WorkerEntrypoint {
  hash(password: string): Promise<string> {
    return hashPassword(password);
  }

  verify(stored: string | null, password: string): Promise<boolean> {
    return verifyPassword(stored, password);
  }
}
