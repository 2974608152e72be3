import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ForgeFaults, startForge } from '@rustfs-portal/sandbox';

/** A forge to test on: the sandbox's, or a real Gitea when the environment names one. */
export interface TestForge {
  url: string;
  /** Name of the user who owns the repositories. */
  owner: string;
  /** Writes by API and opens pull requests. */
  portalToken: string;
  /** Makes a private repository; answers `owner/name`. */
  createRepository(
    files: Record<string, string>,
    access?: 'read' | 'write',
  ): Promise<string>;
  /** Calls the API as the owner of the repositories. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: any }>;
  /** Lets somebody read a repository, and calls the API as them; undefined where there is nobody. */
  asReader?(repository: string): Promise<TestForge['call']>;
  /** Merges a pull request as a person does, as soon as the forge lets it. */
  merge(repository: string, number: number): Promise<void>;
  /** Makes calls go wrong; a stand-in alone. */
  faults?: { set(faults: ForgeFaults | undefined): void };
  /** Throws when a call or an answer was not as GitHub has published it. */
  checkViolations(): void;
  stop(): Promise<void>;
}

const OWNER = 'acme-admin';

/**
 * Real Gitea: `TEST_GITEA_URL`, `TEST_GITEA_ADMIN` and `TEST_GITEA_ADMIN_TOKEN` of a site administrator, and
 * `TEST_GITEA_USER` and `TEST_GITEA_USER_TOKEN` of the portal's user.
 */
export async function startTestForge(): Promise<TestForge> {
  const { TEST_GITEA_URL } = process.env;
  return TEST_GITEA_URL ? connectToGitea(TEST_GITEA_URL) : startStandIn();
}

/** The sandbox's forge, whatever the environment names. */
export async function startStandIn(): Promise<TestForge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rustfs-forge-'));
  const forge = await startForge({
    dataDir,
    port: 0,
    users: [
      { name: OWNER, password: 'pw', token: 'owner-token', admin: true },
      {
        name: 'portal',
        password: 'pw',
        token: 'portal-token',
        tokenScopes: ['write:repository'],
      },
      { name: 'carla', password: 'pw', token: 'carla-token' },
    ],
  });
  const call = caller(forge.url, 'owner-token');
  return {
    url: forge.url,
    owner: OWNER,
    faults: forge.faults,
    checkViolations: () => {
      if (forge.violations.length) {
        throw new Error(forge.violations.join('\n'));
      }
    },
    portalToken: 'portal-token',
    createRepository: async (files, access = 'write') => {
      const name = `gitops-${randomUUID().slice(0, 8)}`;
      await forge.createRepository({
        owner: OWNER,
        name,
        files,
        collaborators: { portal: access },
        private: true,
      });
      return `${OWNER}/${name}`;
    },
    call,
    asReader: async repository => {
      await call('PUT', `/repos/${repository}/collaborators/carla`, {
        permission: 'read',
      });
      return caller(forge.url, 'carla-token');
    },
    merge: merger(call),
    stop: async () => {
      await forge.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function connectToGitea(url: string): TestForge {
  const { env } = process;
  const call = caller(url, env.TEST_GITEA_ADMIN_TOKEN!);
  const setUp: TestForge['call'] = async (method, path, body) => {
    const answer = await call(method, path, body);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    }
    return answer;
  };
  const made: string[] = [];
  return {
    url,
    owner: env.TEST_GITEA_ADMIN!,
    checkViolations: () => {},
    portalToken: env.TEST_GITEA_USER_TOKEN!,
    createRepository: async (files, access = 'write') => {
      const name = `gitops-${randomUUID().slice(0, 8)}`;
      const repository = `${env.TEST_GITEA_ADMIN}/${name}`;
      await setUp('POST', '/user/repos', {
        name,
        private: true,
        auto_init: true,
        default_branch: 'main',
      });
      made.push(repository);
      await setUp('POST', `/repos/${repository}/contents`, {
        branch: 'main',
        message: 'GitOps',
        files: Object.entries(files).map(([path, content]) => ({
          operation: 'create',
          path,
          content: Buffer.from(content).toString('base64'),
        })),
      });
      await setUp(
        'PUT',
        `/repos/${repository}/collaborators/${env.TEST_GITEA_USER}`,
        { permission: access },
      );
      return repository;
    },
    call,
    merge: merger(call),
    stop: async () => {
      for (const repository of made) {
        await call('DELETE', `/repos/${repository}`);
      }
    },
  };
}

function caller(url: string, token: string): TestForge['call'] {
  return async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `token ${token}`,
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text ? JSON.parse(text) : undefined,
    };
  };
}

function merger(call: TestForge['call']): TestForge['merge'] {
  return async (repository, number) => {
    const path = `/repos/${repository}/pulls/${number}`;
    const deadline = Date.now() + 60_000;
    for (;;) {
      const pull = await call('GET', path);
      const { status, body } = await call('POST', `${path}/merge`, {
        Do: 'merge',
        head_commit_id: pull.body.head.sha,
      });
      if (status === 200) {
        return;
      }
      // "Please try again later": a real conflict, or the check is still running.
      if (status !== 405 || Date.now() > deadline) {
        throw new Error(`Merge answered ${status} ${JSON.stringify(body)}`);
      }
      await new Promise(resolve => setTimeout(resolve, 250));
    }
  };
}
