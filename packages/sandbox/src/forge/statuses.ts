import { matchesGlob } from './access';
import { ProtectionRecord, RepositoryRecord, StatusRecord } from './model';

/** Statuses of a commit, the latest of each context. */
export function latestStatuses(
  repository: RepositoryRecord,
  commit: string,
): StatusRecord[] {
  const latest = new Map<string, StatusRecord>();
  for (const status of repository.statuses) {
    if (status.commit === commit) latest.set(status.context, status);
  }
  return [...latest.values()];
}

/** Whether the statuses of a commit fulfil what a rule requires. */
export function checksPassed(
  repository: RepositoryRecord,
  rule: ProtectionRecord,
  commit: string,
): boolean {
  if (!rule.enable_status_check) return true;
  const statuses = latestStatuses(repository, commit);
  if (rule.status_check_contexts.length === 0) {
    return statuses.every(status => status.state === 'success');
  }
  return rule.status_check_contexts.every(context => {
    const matching = statuses.filter(status =>
      matchesGlob(context, status.context),
    );
    return (
      matching.length > 0 &&
      matching.every(status => status.state === 'success')
    );
  });
}
