import { ForgeServices } from '../app';
import { isDraft } from '../access';
import { PullRecord, RepositoryRecord } from '../model';
import { mergeBlocker } from '../pulls/mergeBlocker';
import { latestReviews } from '../pulls/reviews';

const STATES: Record<string, string> = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'requested_changes',
  REQUEST_REVIEW: 'unreviewed',
};

/** How often a merge was asked for until GitLab says what it has worked out meanwhile. */
const CHECKS = ['unchecked', 'checking'];

/** Shows pull requests as merge requests. */
export class MergeRequestPresenter {
  readonly #services: Pick<ForgeServices, 'facts' | 'presenter' | 'store'>;
  /** How often each merge was looked at. */
  readonly #looks = new Map<string, number>();

  constructor(services: Pick<ForgeServices, 'facts' | 'presenter' | 'store'>) {
    this.#services = services;
  }

  async listed(repository: RepositoryRecord, pull: PullRecord) {
    const { facts } = this.#services;
    const { baseCommit, conflicts, files } = await facts.read(repository, pull);
    const isOpen = pull.state === 'open';
    const key = `${pull.id} ${pull.headCommit} ${baseCommit}`;
    const looks = this.#looks.get(key) ?? 0;
    const isChecked = looks >= CHECKS.length;
    this.#looks.set(key, looks + 1);
    const status = this.#statusOf(repository, pull, {
      hasConflicts: conflicts.length > 0,
      files,
    });
    return {
      id: 1_000_000 + pull.id,
      iid: pull.number,
      project_id: repository.id,
      source_project_id: repository.id,
      target_project_id: repository.id,
      title: pull.title,
      description: pull.body,
      state: stateOf(pull),
      draft: isDraft(pull),
      sha: pull.headCommit,
      source_branch: pull.head,
      target_branch: pull.base,
      author: this.user(pull.poster),
      reviewers: this.#reviewersOf(pull).map(({ user }) => user),
      created_at: pull.createdAt,
      updated_at: pull.updatedAt,
      merged_at: pull.merged?.at ?? null,
      merge_user: pull.merged ? this.user(pull.merged.by) : null,
      closed_at: pull.merged ? null : pull.closedAt ?? null,
      merge_commit_sha: pull.merged?.commit ?? null,
      squash_commit_sha: null,
      has_conflicts: isOpen && isChecked && conflicts.length > 0,
      detailed_merge_status: isOpen ? CHECKS[looks] ?? status : 'not_open',
      user_notes_count: this.#notesOf(pull).length,
      web_url: `${this.#services.presenter.url}/${repository.owner}/${
        repository.name
      }/-/merge_requests/${pull.number}`,
    };
  }

  async single(repository: RepositoryRecord, pull: PullRecord) {
    return {
      ...(await this.listed(repository, pull)),
      diff_refs: { base_sha: pull.mergeBase, head_sha: pull.headCommit },
      head_pipeline: null,
    };
  }

  approvals(repository: RepositoryRecord, pull: PullRecord) {
    const approved = latestReviews(pull).filter(
      ({ state, user }) => user && state === 'APPROVED',
    );
    const rule = repository.protections.find(
      ({ rule_name: name }) => name === pull.base,
    );
    const left = Math.max((rule?.required_approvals ?? 0) - approved.length, 0);
    return {
      approved: left === 0,
      approvals_left: left,
      approval_rules_left: left ? [{ name: 'All Members' }] : [],
      approved_by: approved.map(({ submittedAt, user }) => ({
        user: this.user(user!),
        approved_at: submittedAt,
      })),
    };
  }

  reviewers(pull: PullRecord) {
    return this.#reviewersOf(pull);
  }

  /** What was pushed, the newest first. */
  versions(pull: PullRecord) {
    return pull.events
      .filter(({ type }) => type === 'pull_push')
      .map(({ body, createdAt: created_at, id }) => {
        const { commit_ids: ids, is_force_push: isForced } = JSON.parse(body);
        return {
          id,
          created_at,
          head_commit_sha: isForced ? ids.at(-1) : ids[0],
        };
      })
      .reverse();
  }

  notes(pull: PullRecord) {
    return this.#notesOf(pull).reverse();
  }

  user(name: string) {
    const user = this.#services.store.user(name);
    return {
      id: user?.id ?? 0,
      username: user?.name ?? name,
      name: user?.fullName || name,
    };
  }

  /** GitLab keeps who was asked, also when they have answered. */
  #reviewersOf(pull: PullRecord) {
    return latestReviews(pull).flatMap(({ state, user }) =>
      user ? [{ user: this.user(user), state: STATES[state] }] : [],
    );
  }

  /** Words of reviews are notes there. */
  #notesOf(pull: PullRecord) {
    return [
      ...pull.comments.map(({ body, createdAt, id, user }) => ({
        id,
        body,
        system: false,
        author: this.user(user),
        created_at: createdAt,
      })),
      ...pull.reviews
        .filter(({ body, user }) => body && user)
        .map(({ body, id, submittedAt, user }) => ({
          id: 1_000_000 + id,
          body,
          system: false,
          author: this.user(user!),
          created_at: submittedAt,
        })),
    ].sort((a, b) => a.created_at.localeCompare(b.created_at));
  }

  #statusOf(
    repository: RepositoryRecord,
    pull: PullRecord,
    {
      files,
      hasConflicts,
    }: {
      files: Parameters<typeof mergeBlocker>[2]['files'];
      hasConflicts: boolean;
    },
  ): string {
    if (isDraft(pull)) return 'draft_status';
    if (hasConflicts) return 'conflict';
    const blocker = mergeBlocker(repository, pull, { files });
    if (!blocker) return 'mergeable';
    if (/approvals/.test(blocker)) return 'not_approved';
    return /requested changes/.test(blocker)
      ? 'requested_changes'
      : 'status_checks_must_pass';
  }
}

function stateOf({ merged, state }: PullRecord): string {
  if (merged) return 'merged';
  return state === 'open' ? 'opened' : 'closed';
}
