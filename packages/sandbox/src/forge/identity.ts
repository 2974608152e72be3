import { Signature } from './GitRepository';
import { UserRecord } from './model';

/** How Git names this person. */
export function identityOf(user: UserRecord): Omit<Signature, 'date'> {
  return { name: user.fullName || user.name, email: user.email };
}

/** What this person signs a commit with that is made now. */
export function signatureNow(user: UserRecord): Signature {
  return { ...identityOf(user), date: new Date().toISOString() };
}
