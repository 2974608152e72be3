import {
  accessOf,
  atLeast,
  isDraft,
  matchesGlob,
  protectionOf,
  teamReaches,
} from './access';
import { ownersOf, readCodeOwners } from './codeowners';
import { ForgeStore } from './ForgeStore';
import { GiteaError } from './GiteaError';
import { GitRepository, NO_COMMIT } from './GitRepository';
import {
  CommentRecord,
  EventRecord,
  MergeStyle,
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  ReviewState,
  ScheduledMerge,
  UserRecord,
} from './model';
import { checksPassed, latestReviews, Presenter } from './Presenter';
import { PullFacts, PullFactsReader } from './PullFacts';
import { RefChange, RepositoryService } from './RepositoryService';
import { WebhookDispatcher } from './WebhookDispatcher';

/** After this long an open pull request notices that its branch is gone: Gitea does it from a queue. */
const CLOSE_DELAY_MS = 40;

export interface PullInput {
  /** `branch`, or `owner:branch` for a fork. */
  head: string;
  base: string;
  title: string;
  body?: string;
  labels?: number[];
  assignees?: string[];
  reviewers?: string[];
  teamReviewers?: string[];
}

export interface PullEdit {
  title?: string;
  body?: string;
  base?: string;
  state?: 'open' | 'closed';
  labels?: number[];
  assignees?: string[];
  contentVersion?: number;
}

export interface MergeInput {
  style: MergeStyle;
  title?: string;
  message?: string;
  headCommit?: string;
  deleteBranch?: boolean;
  whenChecksSucceed?: boolean;
  force?: boolean;
}

/** Titles have at most 255 bytes; a longer one ends in an ellipsis. */
function shortTitle(title: string): string {
  const bytes = Buffer.from(title);
  if (bytes.length <= 255) return title;
  // A character that was cut in two is left out.
  return `${bytes
    .subarray(0, 252)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}

/** Why a rule on the base branch keeps a pull request from being merged, in Gitea's words. */
export function mergeBlocker(
  repository: RepositoryRecord,
  pull: PullRecord,
  facts: Pick<PullFacts, 'files'>,
): string | undefined {
  const rule = protectionOf(repository, pull.base);
  if (!rule) return undefined;
  if (!checksPassed(repository, rule, pull.headCommit)) {
    return 'Not all required status checks successful';
  }
  const verdicts = latestReviews(pull).filter(
    review => review.official && !review.dismissed,
  );
  const approvals = verdicts.filter(review => review.state === 'APPROVED');
  if (approvals.length < rule.required_approvals) {
    return 'Does not have enough approvals';
  }
  if (
    rule.block_on_rejected_reviews &&
    verdicts.some(review => review.state === 'REQUEST_CHANGES')
  ) {
    return 'There are requested changes';
  }
  if (
    rule.block_on_official_review_requests &&
    verdicts.some(review => review.state === 'REQUEST_REVIEW')
  ) {
    return 'There are official review requests';
  }
  const guarded = rule.protected_file_patterns.split(';').filter(Boolean);
  if (
    guarded.some(pattern =>
      facts.files.some(file => matchesGlob(pattern, file.path)),
    )
  ) {
    return 'Changed protected files';
  }
  return undefined;
}

/** Pull requests: opened, reviewed, discussed, merged, and kept up with their branches. */
export class PullService {
  private readonly locks = new Map<number, Promise<unknown>>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly store: ForgeStore,
    private readonly repositories: RepositoryService,
    private readonly factsReader: PullFactsReader,
    private readonly presenter: Presenter,
    private readonly webhooks: WebhookDispatcher,
  ) {
    repositories.onRefChange(change => this.onRefChange(change));
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  async facts(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<PullFacts> {
    return await this.factsReader.read(repository, pull);
  }

  get(repository: RepositoryRecord, number: number): PullRecord {
    const pull = repository.pulls.find(other => other.number === number);
    if (!pull) throw GiteaError.notFound();
    return pull;
  }

  /** The oldest pull request between two branches, whatever its state. */
  find(
    repository: RepositoryRecord,
    base: string,
    head: string,
  ): PullRecord | undefined {
    const source = this.headOf(repository, head);
    return repository.pulls.find(
      pull =>
        pull.base === base &&
        pull.head === source?.branch &&
        pull.headRepository === source.repository.id,
    );
  }

  private headOf(
    repository: RepositoryRecord,
    head: string,
  ): { repository: RepositoryRecord; branch: string } | undefined {
    const colon = head.indexOf(':');
    if (colon < 0) return { repository, branch: head };
    const owner = head.slice(0, colon);
    const branch = head.slice(colon + 1);
    if (owner === repository.owner) return { repository, branch };
    const fork = this.store.repositories.find(
      other => other.owner === owner && other.parent === repository.id,
    );
    return fork && { repository: fork, branch };
  }

  async create(
    repository: RepositoryRecord,
    user: UserRecord,
    input: PullInput,
  ): Promise<PullRecord> {
    const head = this.headOf(repository, input.head);
    const git = this.store.git(repository);
    const [baseCommit, headCommit] = await Promise.all([
      git.branch(input.base),
      head && this.store.git(head.repository).branch(head.branch),
    ]);
    for (const [name, commit] of [
      [input.base, baseCommit],
      [input.head, headCommit],
    ]) {
      if (!commit) throw GiteaError.notFound(`ref "${name}" does not exist`);
    }
    if (!head || !baseCommit || !headCommit) throw GiteaError.notFound();
    if (head.repository === repository && head.branch === input.base) {
      throw new GiteaError(
        422,
        'Invalid PullRequest: There are no changes between the head and the base',
      );
    }
    if (
      head.repository === repository &&
      !this.isCollaborator(repository, user)
    ) {
      throw new GiteaError(403, 'user must be a collaborator');
    }
    // Checked here and not again when it is stored: like Gitea, calls at the same time all succeed.
    const duplicate = repository.pulls.find(
      pull =>
        pull.state === 'open' &&
        pull.base === input.base &&
        pull.head === head.branch &&
        pull.headRepository === head.repository.id,
    );
    if (duplicate) {
      throw new GiteaError(
        409,
        `pull request already exists for these targets [id: ${duplicate.id}, issue_id: ${duplicate.number}, head_repo_id: ${head.repository.id}, base_repo_id: ${repository.id}, head_branch: ${head.branch}, base_branch: ${input.base}]`,
      );
    }
    const assignees = this.checkAssignees(repository, input.assignees ?? []);
    const reviewers = this.findReviewers(
      repository,
      input.reviewers ?? [],
      input.teamReviewers ?? [],
    );
    if (head.repository !== repository) {
      await git.fetchFrom(
        this.store.git(head.repository),
        `refs/heads/${head.branch}`,
        `refs/forks/${head.repository.id}/${head.branch}`,
      );
    }
    const mergeBase =
      (await git.mergeBase(baseCommit, headCommit)) ?? baseCommit;
    const owners = isDraft(input)
      ? []
      : await this.codeOwners(repository, user, mergeBase, headCommit);

    const now = new Date().toISOString();
    const pull = this.store.addPull(repository, {
      poster: user.name,
      title: shortTitle(input.title),
      body: input.body ?? '',
      contentVersion: 0,
      base: input.base,
      head: head.branch,
      headRepository: head.repository.id,
      headCommit,
      mergeBase,
      state: 'open',
      createdAt: now,
      updatedAt: now,
      labels: (input.labels ?? []).filter(id =>
        repository.labels.some(label => label.id === id),
      ),
      assignees,
      comments: [],
      reviews: [],
      events: [],
    });
    // Keeps the commits when the branch goes.
    await git.updateRef(`refs/pull/${pull.number}/head`, headCommit);
    for (const owner of owners) this.addReviewRequest(repository, pull, owner);
    const commits = await git.log([headCommit, `^${mergeBase}`]);
    this.addEvent(
      pull,
      'pull_push',
      user,
      JSON.stringify({
        is_force_push: false,
        commit_ids: commits.map(commit => commit.sha),
      }),
    );
    this.store.save();

    for (const reviewer of reviewers) {
      if (this.reviewerProblem(repository, pull, reviewer)) {
        // Gitea fails here, after it has made the pull request and before it tells anybody.
        throw new GiteaError(500, '');
      }
      this.addReviewRequest(repository, pull, reviewer);
    }
    this.store.save();
    await this.send(repository, pull, user, 'opened');
    return pull;
  }

  private isCollaborator(
    repository: RepositoryRecord,
    user: UserRecord,
  ): boolean {
    return atLeast(
      accessOf(this.store, { ...repository, private: true }, user),
      'read',
    );
  }

  private checkAssignees(
    repository: RepositoryRecord,
    names: string[],
  ): string[] {
    return names.map(name => {
      const user = this.store.user(name);
      if (!user) {
        throw new GiteaError(
          422,
          `Assignee does not exist: [name: user does not exist [uid: 0, name: ${name}]]`,
        );
      }
      if (!this.isCollaborator(repository, user)) {
        throw new GiteaError(
          422,
          `user doesn't have access to repo [user_id: ${user.id}, repo_name: ${repository.name}]`,
        );
      }
      return user.name;
    });
  }

  private async codeOwners(
    repository: RepositoryRecord,
    poster: UserRecord,
    mergeBase: string,
    headCommit: string,
  ): Promise<Reviewer[]> {
    const rules = await readCodeOwners(this.store, repository);
    if (rules.length === 0) return [];
    const files = await this.store
      .git(repository)
      .changedFiles(mergeBase, headCommit);
    const names = ownersOf(
      rules,
      files.map(file => file.path),
    );
    return names.flatMap((name): Reviewer[] => {
      if (name.includes('/')) {
        const [organization, team] = name.split('/');
        const found = this.store
          .organization(organization)
          ?.teams.find(other => other.name === team);
        return found ? [{ team: found.id }] : [];
      }
      const user = this.store.user(name);
      return user &&
        user.id !== poster.id &&
        atLeast(accessOf(this.store, repository, user), 'read')
        ? [{ user: user.name }]
        : [];
    });
  }

  async edit(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    edit: PullEdit,
  ): Promise<void> {
    const writer = atLeast(accessOf(this.store, repository, user), 'write');
    if (!writer && pull.poster !== user.name) throw GiteaError.silent(403);
    if (
      edit.contentVersion !== undefined &&
      edit.contentVersion !== pull.contentVersion
    ) {
      throw new GiteaError(409, 'the issue is already changed');
    }
    if (edit.base && edit.base !== pull.base) {
      const commit = await this.store.git(repository).branch(edit.base);
      if (!commit) {
        throw GiteaError.notFound(`new base '${edit.base}' not exist`);
      }
      pull.base = edit.base;
      pull.mergeBase =
        (await this.store.git(repository).mergeBase(commit, pull.headCommit)) ??
        commit;
    }
    if (edit.state && pull.merged) {
      throw new GiteaError(
        412,
        'cannot change state of this pull request, it was already merged',
      );
    }
    const actions: string[] = [];
    if (edit.title && edit.title !== pull.title) {
      this.addEvent(pull, 'change_title', user, edit.title);
      pull.title = shortTitle(edit.title);
      actions.push('edited');
    }
    if (edit.body !== undefined) {
      if (edit.body !== pull.body) actions.push('edited');
      pull.body = edit.body;
      pull.contentVersion += 1;
    }
    if (edit.assignees) {
      pull.assignees = this.checkAssignees(repository, edit.assignees);
    }
    if (edit.labels && writer) this.setLabels(repository, pull, edit.labels);
    if (edit.state && edit.state !== pull.state) {
      this.setState(pull, user, edit.state);
      if (edit.state === 'open') await this.refreshHead(repository, pull);
      actions.push(edit.state === 'open' ? 'reopened' : 'closed');
    }
    pull.updatedAt = new Date().toISOString();
    this.store.save();
    for (const action of actions) {
      await this.send(repository, pull, user, action);
    }
  }

  private setState(
    pull: PullRecord,
    user: UserRecord,
    state: 'open' | 'closed',
  ): void {
    pull.state = state;
    pull.closedAt = state === 'closed' ? new Date().toISOString() : undefined;
    if (state === 'closed') pull.scheduledMerge = undefined;
    this.addEvent(pull, state === 'open' ? 'reopen' : 'close', user, '');
  }

  /** While it was closed, its branch may have been made again. */
  private async refreshHead(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<void> {
    if (pull.headRepository !== repository.id) return;
    const tip = await this.store.git(repository).branch(pull.head);
    if (tip && tip !== pull.headCommit) {
      await this.setHead(repository, pull, tip);
    }
  }

  private async setHead(
    repository: RepositoryRecord,
    pull: PullRecord,
    commit: string,
  ): Promise<void> {
    const git = this.store.git(repository);
    pull.headCommit = commit;
    const base = await git.branch(pull.base);
    if (base) pull.mergeBase = (await git.mergeBase(base, commit)) ?? base;
    await git.updateRef(`refs/pull/${pull.number}/head`, commit);
  }

  setLabels(
    repository: RepositoryRecord,
    pull: PullRecord,
    ids: number[],
  ): void {
    pull.labels = [...new Set(ids)].filter(id =>
      repository.labels.some(label => label.id === id),
    );
    pull.updatedAt = new Date().toISOString();
    this.store.save();
  }

  async comment(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    body: string,
  ): Promise<CommentRecord> {
    const now = new Date().toISOString();
    const comment: CommentRecord = {
      id: this.store.nextId('comment'),
      user: user.name,
      body,
      createdAt: now,
      updatedAt: now,
    };
    pull.comments.push(comment);
    pull.updatedAt = now;
    this.store.save();
    await this.sendTo(repository, {
      subscription: 'pull_request_comment',
      event: 'issue_comment',
      type: 'pull_request_comment',
      payload: {
        action: 'created',
        issue: this.presenter.issue(repository, pull),
        pull_request: await this.presenter.pull(repository, pull),
        comment: this.presenter.comment(repository, pull, comment),
        repository: await this.presenter.repository(repository),
        sender: this.presenter.user(user),
        is_pull: true,
      },
    });
    return comment;
  }

  // Reviews

  private findReviewers(
    repository: RepositoryRecord,
    names: string[],
    teams: string[],
  ): Reviewer[] {
    return [
      ...names.map(name => {
        const user = this.store.user(name);
        if (!user) throw GiteaError.notFound(`user doesn't exist: ${name}`);
        return { user: user.name };
      }),
      ...teams.map(name => {
        const team = this.store
          .organization(repository.owner)
          ?.teams.find(other => other.name === name);
        if (!team) throw GiteaError.notFound(`team doesn't exist: ${name}`);
        return { team: team.id };
      }),
    ];
  }

  private reviewerProblem(
    repository: RepositoryRecord,
    pull: PullRecord,
    reviewer: Reviewer,
  ): string | undefined {
    if (reviewer.team !== undefined) {
      const found = this.store.teamById(reviewer.team);
      return found && teamReaches(found.team, repository)
        ? undefined
        : `Reviewer can't read [team_id: ${reviewer.team}, repo_id: ${repository.id}]`;
    }
    const user = this.store.user(reviewer.user ?? '');
    const ids = `[user_id: ${user?.id}, repo_id: ${repository.id}]`;
    if (!user || !atLeast(accessOf(this.store, repository, user), 'read')) {
      return `Reviewer can't read ${ids}`;
    }
    return pull.poster === user.name
      ? `poster of pr can't be reviewer ${ids}`
      : undefined;
  }

  private addReviewRequest(
    repository: RepositoryRecord,
    pull: PullRecord,
    reviewer: Reviewer,
  ): ReviewRecord | undefined {
    const last = latestReviews(pull).find(
      review => review.user === reviewer.user && review.team === reviewer.team,
    );
    if (last?.state === 'REQUEST_REVIEW') return undefined;
    const user = reviewer.user && this.store.user(reviewer.user);
    return this.addReview(pull, {
      ...reviewer,
      state: 'REQUEST_REVIEW',
      body: '',
      commit: '',
      official: user
        ? atLeast(accessOf(this.store, repository, user), 'write')
        : true,
    });
  }

  private addReview(
    pull: PullRecord,
    review: Pick<
      ReviewRecord,
      'user' | 'team' | 'state' | 'body' | 'commit' | 'official'
    >,
  ): ReviewRecord {
    const now = new Date().toISOString();
    const record: ReviewRecord = {
      ...review,
      id: this.store.nextId('review'),
      stale: false,
      dismissed: false,
      submittedAt: now,
      updatedAt: now,
    };
    pull.reviews.push(record);
    pull.updatedAt = now;
    return record;
  }

  async requestReviewers(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    names: string[],
    teams: string[],
  ): Promise<ReviewRecord[]> {
    const reviewers = this.findReviewers(repository, names, teams);
    for (const reviewer of reviewers) {
      const problem = this.reviewerProblem(repository, pull, reviewer);
      if (problem) throw new GiteaError(422, problem);
    }
    const added = reviewers.flatMap(
      reviewer => this.addReviewRequest(repository, pull, reviewer) ?? [],
    );
    this.store.save();
    for (const review of added) {
      await this.sendTo(repository, {
        subscription: 'pull_request_review_request',
        event: 'pull_request',
        type: 'pull_request_review_request',
        payload: {
          ...(await this.payload(repository, pull, user, 'review_requested')),
          requested_reviewer: this.presenter.userNamed(review.user),
        },
      });
    }
    return added;
  }

  removeReviewers(
    repository: RepositoryRecord,
    pull: PullRecord,
    names: string[],
    teams: string[],
  ): void {
    const reviewers = this.findReviewers(repository, names, teams);
    pull.reviews = pull.reviews.filter(
      review =>
        review.state !== 'REQUEST_REVIEW' ||
        !reviewers.some(
          other => other.user === review.user && other.team === review.team,
        ),
    );
    this.store.save();
  }

  async review(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    input: { event: ReviewState; body: string; commit?: string },
  ): Promise<ReviewRecord> {
    const verdict =
      input.event === 'APPROVED' || input.event === 'REQUEST_CHANGES';
    if (verdict && pull.poster === user.name) {
      const what = input.event === 'APPROVED' ? 'approve' : 'reject';
      throw new GiteaError(422, `${what} your own pull is not allowed`);
    }
    if (input.event === 'REQUEST_CHANGES' && !input.body) {
      throw new GiteaError(422, 'review event REQUEST_CHANGES requires a body');
    }
    if (input.event === 'COMMENT' && !input.body) {
      throw new GiteaError(
        422,
        'review event COMMENT requires a body or a comment',
      );
    }
    if (verdict) {
      // A new verdict takes the place of the request and of what this person said before.
      pull.reviews = pull.reviews.filter(
        review =>
          review.user !== user.name || review.state !== 'REQUEST_REVIEW',
      );
      for (const review of pull.reviews) {
        if (review.user !== user.name || review.state === 'COMMENT') continue;
        review.official = false;
        review.dismissed = true;
      }
    }
    const record = this.addReview(pull, {
      user: user.name,
      state: input.event,
      body: input.body,
      commit: input.commit || pull.headCommit,
      official:
        verdict && atLeast(accessOf(this.store, repository, user), 'write'),
    });
    this.store.save();
    const kind = {
      APPROVED: 'approved',
      REQUEST_CHANGES: 'rejected',
      COMMENT: 'comment',
    }[input.event as string];
    if (kind) {
      await this.sendTo(repository, {
        subscription: 'pull_request_review',
        event:
          kind === 'comment' ? 'pull_request_comment' : `pull_request_${kind}`,
        type: `pull_request_review_${kind}`,
        payload: {
          ...(await this.payload(repository, pull, user, 'reviewed')),
          review: { type: `pull_request_review_${kind}`, content: input.body },
        },
      });
      await this.tryScheduledMerge(repository, pull);
    }
    return record;
  }

  // Merging

  /** Merges, or schedules the merge. @returns which of the two happened */
  async merge(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    input: MergeInput,
  ): Promise<'merged' | 'scheduled'> {
    return await this.exclusively(repository, () =>
      this.mergeNow(repository, pull, user, input),
    );
  }

  private async mergeNow(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    input: MergeInput,
  ): Promise<'merged' | 'scheduled'> {
    if (pull.merged) throw new GiteaError(405, 'The PR is already merged');
    if (pull.state === 'closed') throw GiteaError.notFound();
    const access = accessOf(this.store, repository, user);
    const rule = protectionOf(repository, pull.base);
    if (
      !atLeast(access, 'write') ||
      (rule?.enable_merge_whitelist &&
        !rule.merge_whitelist_usernames.includes(user.name))
    ) {
      throw new GiteaError(405, 'User not allowed to merge PR');
    }
    if (isDraft(pull)) {
      throw new GiteaError(405, 'Work in progress PRs cannot be merged');
    }
    const facts = await this.facts(repository, pull);
    if (!facts.mergeable) throw new GiteaError(405, 'Please try again later');

    const blocker = mergeBlocker(repository, pull, facts);
    const overridden = input.force && atLeast(access, 'admin');
    if (blocker && input.whenChecksSucceed) {
      if (pull.scheduledMerge) {
        throw new GiteaError(
          409,
          `pull request is already scheduled to auto merge when checks succeed [pull_id: ${pull.id}]`,
        );
      }
      pull.scheduledMerge = {
        user: user.name,
        style: input.style,
        title: input.title,
        message: input.message,
        deleteBranch: input.deleteBranch ?? false,
      };
      this.store.save();
      return 'scheduled';
    }
    if (blocker && !overridden) throw new GiteaError(405, blocker);
    if (!repository.mergeStyles.includes(input.style)) {
      throw new GiteaError(
        405,
        `${input.style} is not allowed an allowed merge style for this repository`,
      );
    }
    if (input.headCommit && input.headCommit !== pull.headCommit) {
      throw new GiteaError(409, 'head out of date');
    }

    const before = facts.baseCommit;
    const commit = await this.writeMerge(repository, pull, user, before, input);
    await this.repositories
      .moveBranch(repository, pull.base, { before, after: commit }, user)
      .catch(error => {
        // Somebody pushed to the base meanwhile; the check has to run again.
        if (error instanceof GiteaError && error.status === 403) {
          throw new GiteaError(405, 'Please try again later');
        }
        throw error;
      });
    this.markMerged(pull, user, { commit, base: before });
    await this.send(repository, pull, user, 'closed');
    if (input.deleteBranch) await this.deleteHead(repository, pull, user);
    return 'merged';
  }

  private markMerged(
    pull: PullRecord,
    user: UserRecord,
    merge: { commit: string; base: string },
  ): void {
    const at = new Date().toISOString();
    pull.merged = { at, by: user.name, ...merge };
    pull.state = 'closed';
    pull.closedAt = at;
    pull.updatedAt = at;
    pull.scheduledMerge = undefined;
    this.addEvent(pull, 'merge_pull', user, merge.commit);
    this.store.save();
  }

  private async writeMerge(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    base: string,
    input: MergeInput,
  ): Promise<string> {
    const git = this.store.git(repository);
    const head = pull.headCommit;
    const signature = {
      name: user.fullName || user.name,
      email: user.email,
      date: new Date().toISOString(),
    };
    const conflict = new GiteaError(405, 'Please try again later');
    const merged = await this.factsReader.mergeTrees(repository, base, head);
    if ('conflicts' in merged) throw conflict;
    const commit = (
      tree: string,
      parents: string[],
      title: string,
      author = signature,
    ) =>
      git.writeCommit({
        tree,
        parents,
        author,
        committer: signature,
        message: input.message
          ? `${input.title || title}\n\n${input.message}`
          : input.title || title,
      });
    const mergeTitle = `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.head} into ${pull.base}`;

    switch (input.style) {
      case 'fast-forward-only':
        if (!(await git.isAncestor(base, head))) throw conflict;
        return head;
      case 'rebase': {
        const commits = await this.replay(git, base, head);
        if (!commits) throw conflict;
        return commits;
      }
      case 'rebase-merge': {
        const tip = await this.replay(git, base, head);
        if (!tip) throw conflict;
        return await commit(merged.tree, [base, tip], mergeTitle);
      }
      case 'squash': {
        const [first] = (await git.log(['--reverse', head, `^${base}`])) ?? [];
        const poster = this.store.user(pull.poster);
        const author = first?.author ?? signature;
        const trailer =
          !input.message && poster && author.email !== poster.email
            ? `\n\nCo-authored-by: ${author.name} <${author.email}>`
            : '';
        return await commit(
          merged.tree,
          [base],
          `${pull.title} (#${pull.number})${trailer}`,
          {
            ...(poster
              ? { name: poster.fullName || poster.name, email: poster.email }
              : signature),
            date: signature.date,
          },
        );
      }
      default:
        return await commit(merged.tree, [base, head], mergeTitle);
    }
  }

  /** Puts the commits of `head` on top of `base` one by one; undefined when one does not fit. */
  private async replay(
    git: GitRepository,
    base: string,
    head: string,
  ): Promise<string | undefined> {
    const commits = await git.log([
      '--reverse',
      '--no-merges',
      head,
      `^${base}`,
    ]);
    let tip = base;
    for (const commit of commits) {
      if (commit.parents[0] === tip) {
        tip = commit.sha;
        continue;
      }
      // A helper commit with the tip's tree and the parent's place in history makes the parent
      // the merge base, so that the three-way merge is what a cherry-pick does.
      const helper = await git.writeCommit({
        tree: (await git.commit(tip)).tree,
        parents: commit.parents.slice(0, 1),
        author: commit.author,
        committer: commit.committer,
        message: 'helper',
      });
      const merged = await git.mergeTrees(helper, commit.sha);
      if ('conflicts' in merged) return undefined;
      tip = await git.writeCommit({
        ...commit,
        tree: merged.tree,
        parents: [tip],
      });
    }
    return tip;
  }

  private async deleteHead(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
  ): Promise<void> {
    const source = this.store.repositoryById(pull.headRepository);
    const needed = repository.pulls.some(
      other => other.state === 'open' && other.head === pull.head,
    );
    if (!source || needed) return;
    if (!this.repositories.mayWriteBranch(source, user, pull.head)) return;
    await this.repositories
      .deleteBranch(source, user, pull.head)
      .catch(error => {
        // The merge stands, whether the branch could be removed or not.
        if (!(error instanceof GiteaError)) throw error;
      });
  }

  /** Brings the base branch into the branch of the pull request. */
  async update(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    style: 'merge' | 'rebase',
  ): Promise<void> {
    if (pull.merged) throw new GiteaError(422, 'pull request already merged');
    const source = this.store.repositoryById(pull.headRepository);
    if (!source || !this.repositories.mayWriteBranch(source, user, pull.head)) {
      throw GiteaError.silent(403);
    }
    const git = this.store.git(source);
    const { baseCommit } = await this.facts(repository, pull);
    // Gitea fails inside when there is nothing to do.
    if (await git.isAncestor(baseCommit, pull.headCommit)) {
      throw new GiteaError(500, '');
    }
    const conflict = new GiteaError(409, `${style} failed because of conflict`);
    let tip: string | undefined;
    if (style === 'rebase') {
      tip = await this.replay(git, baseCommit, pull.headCommit);
    } else {
      const merged = await git.mergeTrees(pull.headCommit, baseCommit);
      const signature = {
        name: user.fullName || user.name,
        email: user.email,
        date: new Date().toISOString(),
      };
      tip =
        'tree' in merged
          ? await git.writeCommit({
              tree: merged.tree,
              parents: [pull.headCommit, baseCommit],
              author: signature,
              committer: signature,
              message: `Merge branch '${pull.base}' into ${pull.head}`,
            })
          : undefined;
    }
    if (!tip) throw conflict;
    await this.repositories.moveBranch(
      source,
      pull.head,
      { before: pull.headCommit, after: tip },
      user,
    );
  }

  /** After a status or a review: does what was scheduled, if nothing is in its way any more. */
  async tryScheduledMerge(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<void> {
    const scheduled: ScheduledMerge | undefined = pull.scheduledMerge;
    const user = scheduled && this.store.user(scheduled.user);
    if (!scheduled || !user || pull.state !== 'open') return;
    const facts = await this.facts(repository, pull);
    if (!facts.mergeable || mergeBlocker(repository, pull, facts)) return;
    await this.merge(repository, pull, user, scheduled);
  }

  /** One at a time per repository: a merge must see the base that it moves. */
  private async exclusively<T>(
    repository: RepositoryRecord,
    work: () => Promise<T>,
  ): Promise<T> {
    const before = this.locks.get(repository.id) ?? Promise.resolve();
    const run = before.then(work, work);
    this.locks.set(
      repository.id,
      run.catch(() => {}),
    );
    return await run;
  }

  // Following branches

  private async onRefChange(change: RefChange): Promise<void> {
    const { repository, before, after, user } = change;
    if (!change.ref.startsWith('refs/heads/')) return;
    const branch = change.ref.slice('refs/heads/'.length);
    await this.sendPush(change, branch);
    if (after === NO_COMMIT) {
      this.closeLater(repository, branch, user);
      return;
    }
    for (const base of this.store.repositories) {
      for (const pull of base.pulls) {
        if (
          pull.state !== 'open' ||
          pull.head !== branch ||
          pull.headRepository !== repository.id ||
          pull.headCommit === after
        ) {
          continue;
        }
        if (base !== repository) {
          await this.store
            .git(base)
            .fetchFrom(
              this.store.git(repository),
              change.ref,
              `refs/forks/${repository.id}/${branch}`,
            );
        }
        await this.headMoved(base, pull, { before, after, user });
      }
    }
  }

  private async headMoved(
    repository: RepositoryRecord,
    pull: PullRecord,
    move: { before: string; after: string; user: UserRecord },
  ): Promise<void> {
    const { before, after, user } = move;
    const git = this.store.git(repository);
    const forced =
      before !== NO_COMMIT && !(await git.isAncestor(before, after));
    await this.setHead(repository, pull, after);
    const dismiss = protectionOf(
      repository,
      pull.base,
    )?.dismiss_stale_approvals;
    for (const review of pull.reviews) {
      if (review.state === 'REQUEST_REVIEW' || review.commit === after)
        continue;
      review.stale = true;
      if (dismiss && review.state === 'APPROVED') review.dismissed = true;
    }
    const commits = forced
      ? [before, after]
      : (
          await git.log([
            after,
            ...(before === NO_COMMIT ? ['-1'] : [`^${before}`]),
          ])
        ).map(commit => commit.sha);
    this.addEvent(
      pull,
      'pull_push',
      user,
      JSON.stringify({ is_force_push: forced, commit_ids: commits }),
    );
    pull.updatedAt = new Date().toISOString();
    this.store.save();
    await this.sendTo(repository, {
      subscription: 'pull_request_sync',
      event: 'pull_request',
      type: 'pull_request_sync',
      payload: {
        ...(await this.payload(repository, pull, user, 'synchronized')),
        before,
        after,
        commit_id: after,
      },
    });
    await this.tryScheduledMerge(repository, pull);
  }

  private closeLater(
    repository: RepositoryRecord,
    branch: string,
    user: UserRecord,
  ): void {
    const affected = this.store.repositories.flatMap(base =>
      base.pulls
        .filter(
          pull =>
            pull.state === 'open' &&
            ((pull.head === branch && pull.headRepository === repository.id) ||
              (pull.base === branch && base === repository)),
        )
        .map(pull => ({ base, pull })),
    );
    if (affected.length === 0) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      for (const { base, pull } of affected) {
        // Also when the branch was made again meanwhile: that is how Gitea does it.
        if (pull.state !== 'open') continue;
        this.setState(pull, user, 'closed');
        this.store.save();
        // A delivery that cannot be put together is a lost delivery, nothing more.
        this.send(base, pull, user, 'closed').catch(() => {});
      }
    }, CLOSE_DELAY_MS);
    this.timers.add(timer);
  }

  private addEvent(
    pull: PullRecord,
    type: EventRecord['type'],
    user: UserRecord,
    body: string,
  ): void {
    pull.events.push({
      id: this.store.nextId('comment'),
      type,
      user: user.name,
      body,
      createdAt: new Date().toISOString(),
    });
  }

  // Webhooks

  private async payload(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    action: string,
  ) {
    return {
      action,
      number: pull.number,
      pull_request: await this.presenter.pull(repository, pull),
      requested_reviewer: null,
      repository: await this.presenter.repository(repository),
      sender: this.presenter.user(user),
      commit_id: '',
      review: null,
    };
  }

  private async send(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    action: string,
  ): Promise<void> {
    if (repository.hooks.length === 0) return;
    this.webhooks.dispatch(repository, {
      subscription: 'pull_request',
      event: 'pull_request',
      type: 'pull_request',
      payload: await this.payload(repository, pull, user, action),
    });
  }

  private async sendTo(
    repository: RepositoryRecord,
    event: Parameters<WebhookDispatcher['dispatch']>[1],
  ): Promise<void> {
    this.webhooks.dispatch(repository, event);
  }

  private async sendPush(change: RefChange, branch: string): Promise<void> {
    const { repository, before, after, user } = change;
    if (repository.hooks.length === 0) return;
    const shown = await this.presenter.repository(repository);
    const sender = this.presenter.user(user);
    if (after === NO_COMMIT) {
      this.webhooks.dispatch(repository, {
        subscription: 'delete',
        event: 'delete',
        type: 'delete',
        branch,
        payload: {
          ref: branch,
          ref_type: 'branch',
          pusher_type: 'user',
          repository: shown,
          sender,
        },
      });
      return;
    }
    if (before === NO_COMMIT) {
      this.webhooks.dispatch(repository, {
        subscription: 'create',
        event: 'create',
        type: 'create',
        branch,
        payload: {
          sha: after,
          ref: branch,
          ref_type: 'branch',
          repository: shown,
          sender,
        },
      });
    }
    const git = this.store.git(repository);
    const base =
      before === NO_COMMIT
        ? (await git.branch(repository.defaultBranch)) ?? after
        : before;
    const commits = await git.log([after, `^${base}`, '-30']);
    const shownCommits = await Promise.all(
      commits.map(async commit =>
        this.presenter.payloadCommit(
          repository,
          commit,
          await git.commitFiles(commit),
        ),
      ),
    );
    this.webhooks.dispatch(repository, {
      subscription: 'push',
      event: 'push',
      type: 'push',
      branch,
      payload: {
        ref: change.ref,
        before,
        after,
        compare_url: `${this.presenter.html(
          repository,
        )}/compare/${base}...${after}`,
        commits: shownCommits,
        total_commits: commits.length,
        head_commit: shownCommits[0] ?? null,
        repository: shown,
        pusher: sender,
        sender,
      },
    });
  }
}

interface Reviewer {
  user?: string;
  team?: number;
}
