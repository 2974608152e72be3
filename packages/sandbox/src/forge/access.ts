import { ForgeStore } from './ForgeStore';
import {
  AccessLevel,
  ProtectionRecord,
  PullRecord,
  RepositoryRecord,
  TeamRecord,
  UserRecord,
} from './model';

const RANK: Record<AccessLevel, number> = {
  none: 0,
  read: 1,
  write: 2,
  admin: 3,
};

export function atLeast(level: AccessLevel, wanted: AccessLevel): boolean {
  return RANK[level] >= RANK[wanted];
}

export function teamReaches(
  team: TeamRecord,
  repository: RepositoryRecord,
): boolean {
  return (
    team.includesAllRepositories || team.repositories.includes(repository.id)
  );
}

/** What a user (undefined: somebody without an account) may do with a repository. */
export function accessOf(
  store: ForgeStore,
  repository: RepositoryRecord,
  user: UserRecord | undefined,
): AccessLevel {
  let level: AccessLevel = repository.private ? 'none' : 'read';
  if (!user) return level;
  if (user.admin || user.name === repository.owner) return 'admin';
  const raise = (other: AccessLevel) => {
    if (RANK[other] > RANK[level]) level = other;
  };
  raise(repository.collaborators[user.name] ?? 'none');
  for (const team of store.organization(repository.owner)?.teams ?? []) {
    if (team.members.includes(user.name) && teamReaches(team, repository)) {
      raise(team.permission);
    }
  }
  return level;
}

/** A pull request whose title says that it is not done. */
export function isDraft(pull: Pick<PullRecord, 'title'>): boolean {
  return /^(WIP:|\[WIP\])/i.test(pull.title);
}

function ruleMatches(rule: string, branch: string): boolean {
  // `**` crosses slashes, `*` and `?` do not.
  const pattern = rule
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*/g, '\0')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replace(/\0/g, '.*');
  return new RegExp(`^${pattern}$`).test(branch);
}

export function matchesGlob(pattern: string, value: string): boolean {
  return ruleMatches(pattern.trim(), value);
}

/** The rule that protects a branch: the one of its exact name, else the first whose pattern matches. */
export function protectionOf(
  repository: RepositoryRecord,
  branch: string,
): ProtectionRecord | undefined {
  return (
    repository.protections.find(rule => rule.rule_name === branch) ??
    repository.protections.find(rule => ruleMatches(rule.rule_name, branch))
  );
}

export function mayPush(
  rule: ProtectionRecord | undefined,
  user: UserRecord,
): boolean {
  if (!rule) return true;
  return (
    rule.enable_push &&
    (!rule.enable_push_whitelist ||
      rule.push_whitelist_usernames.includes(user.name))
  );
}

export function mayForcePush(
  rule: ProtectionRecord | undefined,
  user: UserRecord,
): boolean {
  if (!rule) return true;
  return (
    mayPush(rule, user) &&
    rule.enable_force_push &&
    (!rule.enable_force_push_allowlist ||
      rule.force_push_allowlist_usernames.includes(user.name))
  );
}
