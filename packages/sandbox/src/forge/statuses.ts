import { matchesGlob } from './access';
import { ProtectionRecord, RepositoryRecord, StatusRecord } from './model';

const FAILED = new Set(['error', 'failure', 'warning']);
const PASSED = new Set(['success', 'skipped']);

/** One state for several, as Gitea has it. Nothing said yet is pending too. */
export function combineStates(statuses: StatusRecord[]): string {
  if (statuses.some(({ state }) => FAILED.has(state))) return 'failure';
  return statuses.length > 0 && statuses.every(({ state }) => PASSED.has(state))
    ? 'success'
    : 'pending';
}

/** Statuses of a commit, the latest of each context, the context that spoke last at the end. */
export function latestStatuses(
  repository: RepositoryRecord,
  commit: string,
): StatusRecord[] {
  const latest = new Map<string, StatusRecord>();
  for (const status of repository.statuses) {
    if (status.commit === commit) {
      latest.delete(status.context);
      latest.set(status.context, status);
    }
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
    return combineStates(statuses) === 'success';
  }
  return rule.status_check_contexts.every(context => {
    const matching = statuses.filter(status =>
      matchesGlob(context, status.context),
    );
    return combineStates(matching) === 'success';
  });
}
