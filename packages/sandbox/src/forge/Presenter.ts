import { createHash } from 'node:crypto';
import { accessOf, atLeast, mayPush, protectionOf } from './access';
import { ForgeStore } from './ForgeStore';
import {
  Commit,
  FileStat,
  Signature,
  TouchedBy,
  TreeEntry,
} from './GitRepository';
import {
  HookRecord,
  OrganizationRecord,
  ProtectionRecord,
  RepositoryRecord,
  StatusRecord,
  TeamRecord,
  UserRecord,
} from './model';
import { encodePath, seconds } from './wireFormat';

/** Gitea's way to say "no date". */
const NO_DATE = '0001-01-01T00:00:00Z';

const UNSIGNED = {
  verified: false,
  reason: 'gpg.error.not_signed_commit',
  signature: '',
  signer: null,
  payload: '',
};

function gravatar(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** What the API answers with about all but pull requests, in Gitea's field names. */
export class Presenter {
  constructor(
    private readonly store: ForgeStore,
    private readonly version: string,
    private readonly baseUrl: () => string,
  ) {}

  get url(): string {
    return this.baseUrl();
  }

  get serverVersion(): string {
    return this.version;
  }

  html(repository: RepositoryRecord): string {
    return `${this.url}/${repository.owner}/${repository.name}`;
  }

  api(repository: RepositoryRecord): string {
    return `${this.url}/api/v1/repos/${repository.owner}/${repository.name}`;
  }

  // Accounts

  user(user: UserRecord | undefined, viewer?: UserRecord) {
    if (!user) return null;
    const visible = viewer && (viewer.admin || viewer.id === user.id);
    return {
      id: user.id,
      login: user.name,
      login_name: '',
      source_id: 0,
      full_name: user.fullName,
      email: visible
        ? user.email
        : `${user.id}+${user.name}@noreply.example.com`,
      avatar_url: `${this.url}/avatars/${gravatar(user.email)}`,
      html_url: `${this.url}/${user.name}`,
      language: '',
      is_admin: Boolean(visible && user.admin),
      last_login: visible ? seconds(user.createdAt) : NO_DATE,
      created: seconds(user.createdAt),
      restricted: false,
      active: Boolean(visible),
      prohibit_login: false,
      location: '',
      website: '',
      description: '',
      visibility: 'public',
      followers_count: 0,
      following_count: 0,
      starred_repos_count: 0,
      username: user.name,
    };
  }

  userNamed(name: string | undefined, viewer?: UserRecord) {
    return this.user(name ? this.store.user(name) : undefined, viewer);
  }

  organization(organization: OrganizationRecord) {
    return {
      id: organization.id,
      name: organization.name,
      full_name: organization.fullName,
      email: '',
      avatar_url: `${this.url}/avatars/${gravatar(organization.name)}`,
      description: '',
      website: '',
      location: '',
      visibility: 'public',
      repo_admin_change_team_access: false,
      username: organization.name,
    };
  }

  /** The owner of a repository, who may be an organization but is shown as a user. */
  owner(name: string, viewer?: UserRecord) {
    const user = this.store.user(name);
    if (user) return this.user(user, viewer);
    const organization = this.store.organization(name);
    if (!organization) return null;
    return this.user({
      id: organization.id,
      name: organization.name,
      fullName: organization.fullName,
      email: '',
      passwordHash: '',
      admin: false,
      createdAt: NO_DATE,
      tokens: [],
    });
  }

  team(organization: OrganizationRecord, team: TeamRecord) {
    const units = ['repo.code', 'repo.issues', 'repo.pulls'];
    return {
      id: team.id,
      name: team.name,
      description: team.description,
      organization: this.organization(organization),
      includes_all_repositories: team.includesAllRepositories,
      permission: team.permission === 'admin' ? 'admin' : 'none',
      units,
      units_map: Object.fromEntries(units.map(unit => [unit, team.permission])),
      can_create_org_repo: false,
      visibility: 'private',
    };
  }

  // Repositories

  async repository(repository: RepositoryRecord, viewer?: UserRecord) {
    const access = accessOf(this.store, repository, viewer);
    const branches = await this.store.git(repository).branches();
    const openPulls = repository.pulls.filter(pull => pull.state === 'open');
    const allows = (style: string) =>
      (repository.mergeStyles as string[]).includes(style);
    return {
      id: repository.id,
      owner: this.owner(repository.owner, viewer),
      name: repository.name,
      full_name: `${repository.owner}/${repository.name}`,
      description: repository.description,
      empty: branches.length === 0,
      private: repository.private,
      fork: false,
      template: false,
      mirror: false,
      size: 25,
      language: '',
      languages_url: `${this.api(repository)}/languages`,
      html_url: this.html(repository),
      url: this.api(repository),
      link: '',
      ssh_url: '',
      clone_url: `${this.html(repository)}.git`,
      original_url: '',
      website: '',
      stars_count: 0,
      forks_count: 0,
      watchers_count: 1,
      branch_count: branches.length,
      open_issues_count: 0,
      open_pr_counter: openPulls.length,
      release_counter: 0,
      default_branch: repository.defaultBranch,
      archived: repository.archived,
      created_at: seconds(repository.createdAt),
      updated_at: seconds(repository.updatedAt),
      archived_at: repository.archived
        ? seconds(repository.updatedAt)
        : '1970-01-01T00:00:00Z',
      permissions: {
        admin: atLeast(access, 'admin'),
        push: atLeast(access, 'write'),
        pull: atLeast(access, 'read'),
      },
      has_code: true,
      has_issues: true,
      internal_tracker: {
        enable_time_tracker: true,
        allow_only_contributors_to_track_time: true,
        enable_issue_dependencies: true,
      },
      has_wiki: false,
      has_pull_requests: repository.pullRequests,
      has_projects: false,
      projects_mode: 'all',
      has_releases: true,
      has_packages: false,
      has_actions: false,
      ignore_whitespace_conflicts: false,
      allow_merge_commits: allows('merge'),
      allow_rebase: allows('rebase'),
      allow_rebase_explicit: allows('rebase-merge'),
      allow_squash_merge: allows('squash'),
      allow_fast_forward_only_merge: allows('fast-forward-only'),
      allow_merge_update: true,
      allow_rebase_update: true,
      allow_manual_merge: false,
      autodetect_manual_merge: false,
      default_delete_branch_after_merge: false,
      default_merge_style: 'merge',
      default_update_style: 'merge',
      default_allow_maintainer_edit: true,
      avatar_url: '',
      internal: false,
      mirror_interval: '',
      object_format_name: 'sha1',
      mirror_updated: NO_DATE,
      mirror_last_sync_at: NO_DATE,
      topics: [],
      licenses: [],
    };
  }

  // Commits, branches, files

  private payloadIdentity(signature: Signature) {
    const known = this.store.users.find(user => user.email === signature.email);
    return {
      name: signature.name,
      email: signature.email,
      username: known?.name ?? '',
    };
  }

  /** A commit as branches and webhooks show it. */
  payloadCommit(
    repository: RepositoryRecord,
    commit: Commit,
    files?: FileStat[],
  ) {
    const touched = (status: FileStat['status']) =>
      files
        ? files.filter(file => file.status === status).map(file => file.path)
        : null;
    return {
      id: commit.sha,
      message: commit.message,
      url: `${this.html(repository)}/commit/${commit.sha}`,
      author: this.payloadIdentity(commit.author),
      committer: this.payloadIdentity(commit.committer),
      verification: files ? null : UNSIGNED,
      timestamp: seconds(commit.committer.date),
      added: touched('added'),
      removed: touched('deleted'),
      modified: touched('modified'),
    };
  }

  branch(
    repository: RepositoryRecord,
    name: string,
    commit: Commit,
    viewer: UserRecord | undefined,
  ) {
    const rule = protectionOf(repository, name);
    const writer = atLeast(accessOf(this.store, repository, viewer), 'write');
    return {
      name,
      commit: this.payloadCommit(repository, commit),
      protected: rule !== undefined,
      required_approvals: rule?.required_approvals ?? 0,
      enable_status_check: rule?.enable_status_check ?? false,
      status_check_contexts: rule?.status_check_contexts ?? [],
      user_can_push: Boolean(writer && viewer && mayPush(rule, viewer)),
      user_can_merge: writer,
      effective_branch_protection_name: '',
    };
  }

  private meta(repository: RepositoryRecord, kind: string, sha: string) {
    return {
      url: `${this.api(repository)}/git/${kind}/${sha}`,
      sha,
      created: NO_DATE,
    };
  }

  private identity(signature: Signature) {
    return {
      name: signature.name,
      email: signature.email,
      date: seconds(signature.date),
    };
  }

  /** A commit in lists: of a branch, of a comparison, of a pull request. */
  commit(
    repository: RepositoryRecord,
    commit: Commit,
    details: { files?: FileStat[]; verified?: boolean },
  ) {
    const url = `${this.api(repository)}/git/commits/${commit.sha}`;
    const created = seconds(commit.committer.date);
    const byEmail = (email: string) =>
      this.user(this.store.users.find(user => user.email === email));
    const additions = details.files?.reduce((n, f) => n + f.additions, 0) ?? 0;
    const deletions = details.files?.reduce((n, f) => n + f.deletions, 0) ?? 0;
    return {
      url,
      sha: commit.sha,
      created,
      html_url: `${this.html(repository)}/commit/${commit.sha}`,
      commit: {
        url,
        author: this.identity(commit.author),
        committer: this.identity(commit.committer),
        message: commit.message,
        // Gitea puts the commit id here as well.
        tree: {
          url: `${this.api(repository)}/git/trees/${commit.sha}`,
          sha: commit.sha,
          created,
        },
        verification: details.verified ? UNSIGNED : null,
      },
      author: byEmail(commit.author.email),
      committer: byEmail(commit.committer.email),
      parents: commit.parents.map(sha => this.meta(repository, 'commits', sha)),
      files:
        details.files?.map(file => ({
          filename: file.path,
          status: file.status === 'deleted' ? 'removed' : file.status,
        })) ?? null,
      stats: details.files
        ? { total: additions + deletions, additions, deletions }
        : null,
    };
  }

  /** The commit that the commit call made. */
  fileCommit(repository: RepositoryRecord, commit: Commit) {
    return {
      ...this.meta(repository, 'commits', commit.sha),
      html_url: `${this.html(repository)}/commit/${commit.sha}`,
      author: this.identity(commit.author),
      committer: this.identity(commit.committer),
      parents: commit.parents.map(sha => this.meta(repository, 'commits', sha)),
      message: commit.message,
      tree: this.meta(repository, 'trees', commit.tree),
    };
  }

  get unsigned() {
    return UNSIGNED;
  }

  contents(
    repository: RepositoryRecord,
    entry: TreeEntry,
    ref: { name: string; kind: 'branch' | 'commit' | 'tag' },
    details: { touched?: TouchedBy; content?: Buffer },
  ) {
    const path = encodePath(entry.path);
    const url = `${this.api(
      repository,
    )}/contents/${path}?ref=${encodeURIComponent(ref.name)}`;
    const at = `${ref.kind}/${encodePath(ref.name)}`;
    const html = `${this.html(repository)}/src/${at}/${path}`;
    const folder = entry.type === 'tree';
    const git = `${this.api(repository)}/git/${folder ? 'trees' : 'blobs'}/${
      entry.sha
    }`;
    return {
      name: entry.path.split('/').pop() ?? '',
      path: entry.path,
      sha: entry.sha,
      ...(details.touched && {
        last_commit_sha: details.touched.sha,
        last_committer_date: details.touched.committerDate.replace(
          '+00:00',
          'Z',
        ),
        last_author_date: details.touched.authorDate.replace('+00:00', 'Z'),
      }),
      type: folder ? 'dir' : 'file',
      size: entry.size,
      encoding: details.content ? 'base64' : null,
      content: details.content ? details.content.toString('base64') : null,
      target: null,
      url,
      html_url: html,
      git_url: git,
      download_url: folder
        ? null
        : `${this.html(repository)}/raw/${at}/${path}`,
      submodule_git_url: null,
      _links: { self: url, git, html },
    };
  }

  // Rules, statuses, webhooks

  protection(rule: ProtectionRecord) {
    return {
      branch_name: /[*?]/.test(rule.rule_name) ? '' : rule.rule_name,
      rule_name: rule.rule_name,
      priority: rule.priority,
      enable_push: rule.enable_push,
      enable_push_whitelist: rule.enable_push_whitelist,
      push_whitelist_usernames: rule.push_whitelist_usernames,
      push_whitelist_teams: [],
      push_whitelist_deploy_keys: false,
      enable_force_push: rule.enable_force_push,
      enable_force_push_allowlist: rule.enable_force_push_allowlist,
      force_push_allowlist_usernames: rule.force_push_allowlist_usernames,
      force_push_allowlist_teams: [],
      force_push_allowlist_deploy_keys: false,
      enable_merge_whitelist: rule.enable_merge_whitelist,
      merge_whitelist_usernames: rule.merge_whitelist_usernames,
      merge_whitelist_teams: [],
      enable_bypass_allowlist: false,
      bypass_allowlist_usernames: [],
      bypass_allowlist_teams: [],
      enable_status_check: rule.enable_status_check,
      status_check_contexts:
        rule.status_check_contexts.length > 0
          ? rule.status_check_contexts
          : null,
      required_approvals: rule.required_approvals,
      enable_approvals_whitelist: false,
      approvals_whitelist_username: [],
      approvals_whitelist_teams: [],
      block_on_rejected_reviews: rule.block_on_rejected_reviews,
      block_on_official_review_requests: rule.block_on_official_review_requests,
      block_on_outdated_branch: rule.block_on_outdated_branch,
      dismiss_stale_approvals: rule.dismiss_stale_approvals,
      ignore_stale_approvals: false,
      require_signed_commits: false,
      protected_file_patterns: rule.protected_file_patterns,
      unprotected_file_patterns: '',
      block_admin_merge_override: false,
      created_at: seconds(rule.createdAt),
      updated_at: seconds(rule.updatedAt),
    };
  }

  status(repository: RepositoryRecord, status: StatusRecord) {
    return {
      id: status.id,
      status: status.state,
      target_url: status.targetUrl,
      description: status.description,
      url: `${this.api(repository)}/statuses/${status.commit}`,
      context: status.context,
      creator: this.userNamed(status.creator),
      created_at: seconds(status.createdAt),
      updated_at: seconds(status.createdAt),
    };
  }

  hook(hook: HookRecord) {
    return {
      id: hook.id,
      name: '',
      type: 'gitea',
      branch_filter: hook.branchFilter,
      // The secret is never shown again.
      config: { content_type: hook.contentType, url: hook.url },
      events: hook.events,
      authorization_header: '',
      active: hook.active,
      updated_at: seconds(hook.updatedAt),
      created_at: seconds(hook.createdAt),
    };
  }
}
