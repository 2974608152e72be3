import { randomBytes } from 'node:crypto';
import { SERVICE_ACCOUNTS } from './resources';
import { ObjectStore } from './store';
import { KubernetesObject, User } from './types';

const LIFETIME_MS = 60 * 60 * 1_000;

interface Issued {
  namespace: string;
  name: string;
  uid?: string;
  expiresAt: number;
}

/** Tokens of service accounts, as the subresource `token` gives them out. They end with this process. */
export class ServiceAccountTokens {
  private readonly issued = new Map<string, Issued>();

  constructor(private readonly store: ObjectStore) {}

  issue(account: KubernetesObject): {
    token: string;
    expirationTimestamp: string;
  } {
    const { namespace = '', name, uid } = account.metadata;
    this.forgetOld();
    const token = randomBytes(32).toString('base64url');
    const expiresAt = Date.now() + LIFETIME_MS;
    this.issued.set(token, { namespace, name, uid, expiresAt });
    return { token, expirationTimestamp: new Date(expiresAt).toISOString() };
  }

  /** Who holds a token; nobody when its time is over or its account is gone. */
  userOf(token: string): User | undefined {
    const found = this.issued.get(token);
    if (!found || found.expiresAt < Date.now()) {
      return undefined;
    }
    const { namespace, name, uid } = found;
    const account = this.store.get(SERVICE_ACCOUNTS.storage, namespace, name);
    return account && account.metadata.uid === uid
      ? {
          name: `system:serviceaccount:${namespace}:${name}`,
          groups: [
            'system:serviceaccounts',
            `system:serviceaccounts:${namespace}`,
            'system:authenticated',
          ],
          // What it may do is said by the RoleBindings of the cluster.
          rules: [],
        }
      : undefined;
  }

  private forgetOld(): void {
    for (const [token, { expiresAt }] of this.issued) {
      if (expiresAt < Date.now()) {
        this.issued.delete(token);
      }
    }
  }
}
