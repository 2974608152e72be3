import { createServer } from 'node:http';
import { once } from 'node:events';
import { AddressInfo } from 'node:net';
import { LOOPBACK } from '../loopback';
import { createApp, ForgeFaults } from './app';
import { ChangeService } from './ChangeService';
import { ForgeStore } from './ForgeStore';
import { AccessLevel } from './model';
import { Presenter } from './Presenter';
import { BranchFollower } from './pulls/BranchFollower';
import { MergeService } from './pulls/MergeService';
import { PullFactsReader } from './pulls/PullFacts';
import { PullNotifier } from './pulls/PullNotifier';
import { PullPresenter } from './pulls/PullPresenter';
import { PullService } from './pulls/PullService';
import { ReviewService } from './pulls/ReviewService';
import { PushNotifier } from './PushNotifier';
import { RepositoryService } from './RepositoryService';
import { expandEvents, WebhookDispatcher } from './WebhookDispatcher';

/** The Gitea version whose answers this forge gives. */
const VERSION = '1.27.3+sandbox';

const DEFAULT_BRANCH = 'main';

/** @public */
export interface ForgeUser {
  name: string;
  fullName?: string;
  email?: string;
  password: string;
  token: string;
  /** Scopes of the token, such as `write:repository`. Default: all. */
  tokenScopes?: string[];
  /** Site administrator. */
  admin?: boolean;
}

/** Where to send pushes and what happens to pull requests. @public */
export interface ForgeWebhook {
  url: string;
  secret?: string;
  authorizationHeader?: string;
}

/** @public */
export interface ForgeRepositoryOptions {
  /** A user, or an organization, which is made when nobody has the name. */
  owner: string;
  name: string;
  description?: string;
  /** Text by path; one commit. */
  files: Record<string, string>;
  commitMessage?: string;
  collaborators: Record<string, 'read' | 'write' | 'admin'>;
  /** Teams of the organization that reach this repository; made or given these members. */
  teams?: Record<
    string,
    { members: string[]; permission?: 'read' | 'write' | 'admin' }
  >;
  private?: boolean;
  webhooks?: ForgeWebhook[];
  /** Nobody pushes to the default branch; changes get in by pull request, with this many approvals. */
  requiredApprovals?: number;
}

/** @public */
export interface ForgeOptions {
  /** Everything is kept here and is there again after a restart. */
  dataDir: string;
  /** 0: a free one. */
  port?: number;
  users: ForgeUser[];
  logger?: { info(message: string): void; warn(message: string): void };
}

/** @public */
export interface Forge {
  /** Pages are below this, the API of Gitea at `/api/v1`, that of GitHub at `/api/v3` and `/api/graphql`, repositories at `/{owner}/{name}.git`. */
  url: string;
  /** Makes a repository; one that is there already keeps its content. */
  createRepository(options: ForgeRepositoryOptions): Promise<void>;
  faults: { set(faults: ForgeFaults | undefined): void };
  /** Calls and answers of GitHub's API that were not as GitHub has published it; none, unless something is wrong. */
  violations: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts a Git forge on loopback: Gitea's API over real Git repositories, `git` over HTTP, and pages
 * on which a person reads, reviews and merges pull requests.
 *
 * @public
 */
export async function startForge(options: ForgeOptions): Promise<Forge> {
  const { port = 0, logger } = options;
  const store = ForgeStore.open(options.dataDir);
  for (const user of options.users) {
    const record = store.putUser(user);
    if (store.findToken(user.token)?.user.id !== record.id) {
      store.addToken(record, {
        name: 'sandbox',
        scopes: user.tokenScopes ?? ['all'],
        value: user.token,
      });
    }
  }
  store.save();

  let url = '';
  let faults: ForgeFaults | undefined;
  const violations: string[] = [];
  const stopping = new AbortController();
  const warn = (message: string) => logger?.warn(message);
  const repositories = new RepositoryService(store);
  const facts = new PullFactsReader(store);
  const presenter = new Presenter(store, VERSION, () => url);
  const pullPresenter = new PullPresenter(store, facts, presenter);
  const webhooks = new WebhookDispatcher(warn);
  const notifier = new PullNotifier(presenter, pullPresenter, webhooks);
  const merges = new MergeService(store, repositories, facts, notifier);
  const follower = new BranchFollower(store, merges, notifier, warn);
  const pushes = new PushNotifier(store, presenter, webhooks);
  // Subscribers hear of a push before they hear what it did to pull requests.
  repositories.onRefChange(change => pushes.refChanged(change));
  repositories.onRefChange(change => follower.refChanged(change));
  const app = createApp({
    store,
    repositories,
    changes: new ChangeService(store, repositories),
    pulls: new PullService(store, notifier),
    reviews: new ReviewService(store, merges, notifier),
    merges,
    facts,
    presenter,
    pullPresenter,
    faults: () => faults,
    tellViolation: violation => {
      violations.push(violation);
      warn(violation);
    },
    stopping: stopping.signal,
    warn,
  });

  const server = createServer(app);
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  logger?.info(`Git forge at ${url}`);

  return {
    url,
    violations,
    faults: {
      set(next) {
        faults = next;
      },
    },
    async createRepository(wanted) {
      await createRepository(store, repositories, wanted);
    },
    async stop() {
      stopping.abort();
      follower.stop();
      server.close();
      server.closeAllConnections();
      await webhooks.stop();
    },
  };
}

async function createRepository(
  store: ForgeStore,
  repositories: RepositoryService,
  wanted: ForgeRepositoryOptions,
): Promise<void> {
  if (store.repository(wanted.owner, wanted.name)) return;
  for (const name of Object.keys(wanted.collaborators)) {
    if (!store.user(name)) {
      throw new Error(
        `Repository ${wanted.owner}/${wanted.name} names the collaborator '${name}', who is not a user of this forge`,
      );
    }
  }
  const now = new Date().toISOString();
  const organization = store.user(wanted.owner)
    ? undefined
    : store.putOrganization(wanted.owner);
  const repository = await repositories.create({
    owner: wanted.owner,
    name: wanted.name,
    description: wanted.description ?? '',
    private: wanted.private ?? false,
    defaultBranch: DEFAULT_BRANCH,
    collaborators: {
      ...(wanted.collaborators as Record<string, Exclude<AccessLevel, 'none'>>),
    },
    hooks: (wanted.webhooks ?? []).map(hook => ({
      id: store.nextId('hook'),
      active: true,
      url: hook.url,
      contentType: 'json',
      secret: hook.secret ?? '',
      authorizationHeader: hook.authorizationHeader ?? '',
      events: expandEvents(['push', 'pull_request']),
      branchFilter: '',
      createdAt: now,
      updatedAt: now,
    })),
    protections:
      wanted.requiredApprovals === undefined
        ? []
        : [
            {
              rule_name: DEFAULT_BRANCH,
              enable_push: false,
              enable_push_whitelist: false,
              push_whitelist_usernames: [],
              enable_force_push: false,
              enable_force_push_allowlist: false,
              force_push_allowlist_usernames: [],
              enable_merge_whitelist: false,
              merge_whitelist_usernames: [],
              enable_status_check: false,
              status_check_contexts: [],
              required_approvals: wanted.requiredApprovals,
              block_on_rejected_reviews: true,
              block_on_official_review_requests: false,
              block_on_outdated_branch: false,
              dismiss_stale_approvals: true,
              protected_file_patterns: '',
              priority: 1,
              createdAt: now,
              updatedAt: now,
            },
          ],
  });
  for (const [name, team] of Object.entries(wanted.teams ?? {})) {
    if (!organization) break;
    const record = store.putTeam(organization, {
      name,
      members: team.members,
      permission: team.permission ?? 'write',
    });
    record.repositories.push(repository.id);
  }
  if (Object.keys(wanted.files).length > 0) {
    await repositories.seed(
      repository,
      wanted.files,
      {
        name: wanted.owner,
        email: `${wanted.owner}@example.com`,
        date: now,
      },
      wanted.commitMessage ?? 'Initial commit',
    );
  }
  store.save();
}
