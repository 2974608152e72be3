import { nowWithNanoseconds } from '../http/timestamps';
import type { Database } from '../storage/Database';
import { DocumentCollection } from '../storage/DocumentCollection';
import { BUILTIN_POLICIES } from './builtinPolicies';
import type {
  CannedPolicy,
  Group,
  ServiceAccount,
  Session,
  User,
} from './model';
import type { PolicyDocument } from './policyDocument';

/** Users, groups, policies and keys, and what holds between them. */
export class IamStore {
  readonly users: DocumentCollection<User>;
  readonly groups: DocumentCollection<Group>;
  readonly serviceAccounts: DocumentCollection<ServiceAccount>;
  readonly sessions: DocumentCollection<Session>;
  private readonly policies: DocumentCollection<CannedPolicy>;

  constructor(
    database: Database,
    readonly root: { accessKey: string; secretKey: string },
  ) {
    this.users = new DocumentCollection(database, 'users');
    this.groups = new DocumentCollection(database, 'groups');
    this.policies = new DocumentCollection(database, 'policies');
    this.serviceAccounts = new DocumentCollection(database, 'service-accounts');
    this.sessions = new DocumentCollection(database, 'sessions');
  }

  isKeyTaken(accessKey: string): boolean {
    return (
      accessKey === this.root.accessKey ||
      this.users.get(accessKey) !== undefined ||
      this.serviceAccounts.get(accessKey) !== undefined ||
      this.sessions.get(accessKey) !== undefined
    );
  }

  putUser(user: Omit<User, 'updatedAt'>): void {
    this.users.put(user.accessKey, {
      ...user,
      updatedAt: nowWithNanoseconds(),
    });
  }

  /** Removes a user with everything that lives through it. */
  removeUser(accessKey: string): void {
    this.users.remove(accessKey);
    for (const group of this.groupsOf(accessKey)) {
      this.putGroup({
        ...group,
        members: group.members.filter(member => member !== accessKey),
      });
    }
    for (const account of this.serviceAccountsOf(accessKey)) {
      this.serviceAccounts.remove(account.accessKey);
    }
    this.endSessions(accessKey);
  }

  /** Ends all sessions of an account; answers how many there were. */
  endSessions(account: string): number {
    const sessions = this.sessionsOf(account);
    sessions.forEach(session => this.sessions.remove(session.accessKey));
    return sessions.length;
  }

  sessionsOf(account: string): Session[] {
    return this.liveSessions().filter(session => session.parent === account);
  }

  liveSessions(): Session[] {
    return this.sessions
      .all()
      .filter(session => Date.parse(session.expiration) > Date.now());
  }

  serviceAccountsOf(account: string): ServiceAccount[] {
    return this.serviceAccounts.all().filter(key => key.parent === account);
  }

  putGroup(group: Omit<Group, 'updatedAt'>): void {
    this.groups.put(group.name, { ...group, updatedAt: nowWithNanoseconds() });
  }

  groupsOf(accessKey: string): Group[] {
    return this.groups.all().filter(group => group.members.includes(accessKey));
  }

  policy(name: string): CannedPolicy | undefined {
    const stored = this.policies.get(name);
    if (stored) {
      return stored;
    }
    return Object.hasOwn(BUILTIN_POLICIES, name)
      ? { name, document: BUILTIN_POLICIES[name] }
      : undefined;
  }

  allPolicies(): CannedPolicy[] {
    const stored = this.policies.all();
    const builtin = Object.entries(BUILTIN_POLICIES)
      .filter(([name]) => !stored.some(policy => policy.name === name))
      .map(([name, document]) => ({ name, document }));
    return [...builtin, ...stored];
  }

  putPolicy(name: string, document: PolicyDocument): void {
    const updatedAt = nowWithNanoseconds();
    const createdAt = this.policies.get(name)?.createdAt ?? updatedAt;
    this.policies.put(name, { name, document, createdAt, updatedAt });
  }

  removePolicy(name: string): void {
    this.policies.remove(name);
  }

  isPolicyInUse(name: string): boolean {
    return [...this.users.all(), ...this.groups.all()].some(holder =>
      holder.policies.includes(name),
    );
  }

  /**
   * Names of the policies that apply to a user: its own and those of its groups. A disabled group that has policies
   * takes away all of them, the user's own included; so does the real server.
   */
  policyNamesOf(accessKey: string): string[] {
    const groups = this.groupsOf(accessKey).filter(
      group => group.policies.length > 0,
    );
    if (groups.some(group => group.status === 'disabled')) {
      return [];
    }
    const own = this.users.get(accessKey)?.policies ?? [];
    return [...new Set([...groups.flatMap(group => group.policies), ...own])];
  }

  documentsOf(accessKey: string): PolicyDocument[] {
    return this.policyNamesOf(accessKey).flatMap(
      name => this.policy(name)?.document ?? [],
    );
  }
}
