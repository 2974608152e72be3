import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import { once } from 'node:events';
import fs from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import isomorphicGit from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { GIT_ENVIRONMENT } from './GitRepository';
import { Forge, startForge } from './startForge';

const run = promisify(execFile);

const USERS = [
  { name: 'portal', password: 'pw-portal', token: 'token-portal' },
  { name: 'carla', password: 'pw-carla', token: 'token-carla' },
  { name: 'ada', password: 'pw-ada', token: 'token-ada' },
  { name: 'dario', password: 'pw-dario', token: 'token-dario' },
];

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('startForge', () => {
  let dataDir: string;
  let work: string;
  let forge: Forge;

  async function start() {
    forge = await startForge({ dataDir, users: USERS });
  }

  async function api(
    method: string,
    path: string,
    options: { as?: string; body?: unknown } = {},
  ) {
    const response = await fetch(`${forge.url}/api/v1${path}`, {
      method,
      redirect: 'manual',
      headers: {
        Authorization: `token token-${options.as ?? 'portal'}`,
        'Content-Type': 'application/json',
      },
      body:
        options.body === undefined ? undefined : JSON.stringify(options.body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body:
        text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    };
  }

  function git(args: string[], options: { cwd?: string } = {}) {
    return run('git', args, {
      cwd: options.cwd ?? work,
      env: {
        ...GIT_ENVIRONMENT,
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.com',
      },
    });
  }

  function remote(user: string): string {
    return forge.url.replace('http://', `http://${user}:token-${user}@`);
  }

  async function commit(
    branch: string,
    files: Record<string, string>,
    extra: object = {},
  ) {
    return await api('POST', '/repos/acme/atlas/contents', {
      body: {
        branch: 'main',
        new_branch: branch,
        force_push: true,
        message: `Change ${branch}`,
        files: Object.entries(files).map(([path, content]) => ({
          operation: 'upload',
          path,
          content: base64(content),
        })),
        ...extra,
      },
    });
  }

  async function open(branch: string, title = branch) {
    return await api('POST', '/repos/acme/atlas/pulls', {
      body: { head: branch, base: 'main', title },
    });
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'forge-test-'));
    work = await mkdtemp(join(tmpdir(), 'forge-work-'));
    await start();
    await forge.createRepository({
      owner: 'acme',
      name: 'atlas',
      private: true,
      collaborators: { portal: 'write', ada: 'read' },
      teams: { platform: { members: ['carla'], permission: 'write' } },
      files: {
        'README.md': '# atlas\n',
        'storage/kustomization.yaml': 'resources:\n  - a.yaml\n',
        CODEOWNERS: 'storage/.* @carla\n',
      },
    });
  });

  afterEach(async () => {
    await forge.stop();
    await rm(dataDir, { recursive: true, force: true });
    await rm(work, { recursive: true, force: true });
  });

  it('takes a request from a commit by API to a merge', async () => {
    const files = await api(
      'GET',
      `/repos/acme/atlas/file-contents?ref=main&body=${encodeURIComponent(
        JSON.stringify({
          files: ['storage/kustomization.yaml', 'storage/none.yaml'],
        }),
      )}`,
    );
    expect(files.status).toBe(200);
    expect(files.body[0].sha).toMatch(/^[0-9a-f]{40}$/);
    expect(files.body[1]).toBeNull();

    const made = await commit('rustfs/1', {
      'storage/kustomization.yaml': 'resources:\n  - a.yaml\n  - b.yaml\n',
      'storage/b.yaml': 'b: 1\n',
    });
    expect(made.status).toBe(201);
    expect(made.body.commit.parents).toHaveLength(1);

    const pull = await open('rustfs/1', 'Add b');
    expect(pull.status).toBe(201);
    expect(pull.body).toMatchObject({
      number: 1,
      mergeable: true,
      changed_files: 2,
      head: { ref: 'rustfs/1', sha: made.body.commit.sha },
      requested_reviewers: [{ login: 'carla' }],
    });
    expect((await open('rustfs/1')).body.message).toContain('issue_id: 1');

    const merged = await api('POST', '/repos/acme/atlas/pulls/1/merge', {
      as: 'carla',
      body: {
        Do: 'squash',
        head_commit_id: made.body.commit.sha,
        delete_branch_after_merge: true,
      },
    });
    expect(merged.status).toBe(200);
    const after = (await api('GET', '/repos/acme/atlas/pulls/1')).body;
    expect(after).toMatchObject({ merged: true, state: 'closed' });
    const compared = await api(
      'GET',
      `/repos/acme/atlas/compare/main...${after.merge_commit_sha}`,
    );
    expect(compared.body.total_commits).toBe(0);
    const tree = await api(
      'GET',
      '/repos/acme/atlas/git/trees/main?recursive=true',
    );
    expect(tree.body.tree.map((entry: { path: string }) => entry.path)).toEqual(
      expect.arrayContaining(['storage', 'storage/b.yaml']),
    );
  });

  it('makes the same commit from the same request, and another one when the base moved', async () => {
    const fixed = {
      author: { name: 'Ada', email: 'ada@example.com' },
      committer: { name: 'Portal', email: 'portal@example.com' },
      dates: {
        author: '2026-01-02T03:04:05Z',
        committer: '2026-01-02T03:04:05Z',
      },
    };
    const first = await commit('rustfs/1', { 'x.yaml': '1\n' }, fixed);
    const second = await commit('rustfs/1', { 'x.yaml': '1\n' }, fixed);
    expect(second.body.commit.sha).toBe(first.body.commit.sha);
    await api('POST', '/repos/acme/atlas/contents', {
      body: {
        branch: 'main',
        message: 'move',
        files: [{ operation: 'create', path: 'y.yaml', content: '' }],
      },
    });
    const third = await commit('rustfs/1', { 'x.yaml': '1\n' }, fixed);
    expect(third.body.commit.sha).not.toBe(first.body.commit.sha);
    expect(third.body.commit.parents).toHaveLength(1);
  });

  it('serves clone, fetch and push to git, and tells why it refuses one', async () => {
    await git(['clone', '--quiet', `${remote('portal')}/acme/atlas.git`, 'c']);
    const cwd = join(work, 'c');
    expect(await readFile(join(cwd, 'README.md'), 'utf8')).toBe('# atlas\n');

    await writeFile(join(cwd, 'pushed.yaml'), 'p: 1\n');
    await git(['checkout', '--quiet', '-b', 'by-git'], { cwd });
    await git(['add', '.'], { cwd });
    await git(['commit', '--quiet', '-m', 'by git'], { cwd });
    await git(['push', '--quiet', 'origin', 'by-git'], { cwd });
    const branch = await api('GET', '/repos/acme/atlas/branches/by-git');
    expect(branch.body.commit.message).toBe('by git\n');

    await expect(
      git(['push', `${remote('ada')}/acme/atlas.git`, 'HEAD:refs/heads/mine'], {
        cwd,
      }),
    ).rejects.toThrow(/permission denied for writing/);
    await expect(
      git(['clone', '--quiet', `${remote('dario')}/acme/atlas.git`, 'd']),
    ).rejects.toThrow(/not found/);
    await expect(
      git(['clone', '--quiet', `${forge.url}/acme/atlas.git`, 'e']),
    ).rejects.toThrow(/could not read Username|Authentication failed/);
    const clone = await git([
      'clone',
      '--quiet',
      `${forge.url.replace('//', '//carla:pw-carla@')}/acme/atlas.git`,
      'f',
    ]);
    expect(clone.stderr).toBe('');
  });

  it('serves isomorphic-git, which does not hear why a push is refused', async () => {
    const url = `${forge.url}/acme/atlas.git`;
    const as = (user: string) => ({
      fs,
      http,
      dir: work,
      url,
      onAuth: () => ({ username: user, password: `token-${user}` }),
    });
    await isomorphicGit.clone({
      ...as('portal'),
      ref: 'main',
      singleBranch: true,
      depth: 1,
    });
    await writeFile(join(work, 'iso.yaml'), 'i: 1\n');
    await isomorphicGit.add({ fs, dir: work, filepath: 'iso.yaml' });
    const sha = await isomorphicGit.commit({
      fs,
      dir: work,
      message: 'iso',
      author: { name: 'Ada', email: 'ada@example.com' },
    });
    const target = { ref: 'main', remoteRef: 'refs/heads/iso' };
    const pushed = await isomorphicGit.push({ ...as('portal'), ...target });
    expect(pushed.ok).toBe(true);
    const branch = await api('GET', '/repos/acme/atlas/branches/iso');
    expect(branch.body.commit.id).toBe(sha);
    await expect(
      isomorphicGit.push({
        ...as('ada'),
        ref: 'main',
        remoteRef: 'refs/heads/by-ada',
      }),
    ).rejects.toThrow(/pre-receive hook declined/);
    await expect(
      isomorphicGit.push({ ...as('dario'), ...target }),
    ).rejects.toThrow(/404/);
  });

  it('keeps protected branches from pushes and from merges without approval', async () => {
    await forge.createRepository({
      owner: 'acme',
      name: 'guarded',
      collaborators: { portal: 'write', carla: 'write' },
      files: { 'a.txt': 'a\n' },
      requiredApprovals: 1,
    });
    await git([
      'clone',
      '--quiet',
      `${remote('portal')}/acme/guarded.git`,
      'g',
    ]);
    const cwd = join(work, 'g');
    await git(['commit', '--quiet', '--allow-empty', '-m', 'x'], { cwd });
    await expect(git(['push', 'origin', 'main'], { cwd })).rejects.toThrow(
      /Not allowed to push to protected branch main/,
    );
    await git(['push', '--quiet', 'origin', 'main:topic'], { cwd });
    await api('POST', '/repos/acme/guarded/pulls', {
      body: { head: 'topic', base: 'main', title: 't' },
    });
    const merge = () =>
      api('POST', '/repos/acme/guarded/pulls/1/merge', {
        body: { Do: 'merge' },
      });
    expect((await merge()).body.message).toBe('Does not have enough approvals');
    await api('POST', '/repos/acme/guarded/pulls/1/reviews', {
      as: 'carla',
      body: { event: 'APPROVED' },
    });
    expect((await merge()).status).toBe(200);
  });

  it('merges what waited for a merge, when that brings the commit whose checks have passed', async () => {
    await forge.createRepository({
      owner: 'acme',
      name: 'releases',
      collaborators: { portal: 'admin' },
      files: { 'README.md': '# releases\n' },
    });
    const repository = '/repos/acme/releases';
    const change = (branch: string, newBranch: string | undefined) =>
      api('POST', `${repository}/contents`, {
        body: {
          branch,
          new_branch: newBranch,
          files: [
            {
              operation: 'create',
              path: `${newBranch ?? branch}.txt`,
              content: base64('new\n'),
            },
          ],
        },
      });
    const openPull = (head: string, base: string) =>
      api('POST', `${repository}/pulls`, { body: { head, base, title: head } });

    await api('POST', `${repository}/branches`, {
      body: { new_branch_name: 'release', old_branch_name: 'main' },
    });
    await api('POST', `${repository}/branch_protections`, {
      body: {
        rule_name: 'release',
        enable_status_check: true,
        status_check_contexts: ['ci'],
      },
    });
    await change('main', undefined);
    await openPull('main', 'release');
    const scheduled = await api('POST', `${repository}/pulls/1/merge`, {
      body: { Do: 'merge', merge_when_checks_succeed: true },
    });
    expect(scheduled.status).toBe(201);

    const fix = await change('main', 'fix');
    await openPull('fix', 'main');
    await api('POST', `${repository}/statuses/${fix.body.commit.sha}`, {
      body: { state: 'success', context: 'ci' },
    });
    const merged = await api('POST', `${repository}/pulls/2/merge`, {
      body: { Do: 'fast-forward-only' },
    });
    expect(merged.status).toBe(200);
    for (const number of [1, 2]) {
      const pull = await api('GET', `${repository}/pulls/${number}`);
      expect(pull.body).toMatchObject({ number, merged: true });
    }
  });

  it('says what the checks of a commit come to, page by page, as Gitea does', async () => {
    await forge.createRepository({
      owner: 'acme',
      name: 'checked',
      collaborators: { portal: 'write' },
      files: { 'README.md': '# checked\n' },
    });
    const repository = '/repos/acme/checked';
    const branch = await api('GET', `${repository}/branches/main`);
    const sha = branch.body.commit.id;
    const say = (context: string | undefined, state: string) =>
      api('POST', `${repository}/statuses/${sha}`, {
        body: { context, state },
      });
    const read = async (query = '') => {
      const { body, headers } = await api(
        'GET',
        `${repository}/commits/${sha}/status${query}`,
      );
      const contexts = (body.statuses ?? []).map(
        ({ context }: { context: string }) => context,
      );
      return { ...body, contexts, all: headers.get('x-total-count') };
    };
    expect(await read()).toMatchObject({
      state: 'pending',
      statuses: null,
      total_count: 0,
      all: '0',
    });
    for (const [context, state, combined] of [
      ['a', 'success', 'success'],
      ['b', 'skipped', 'success'],
      ['c', 'pending', 'pending'],
      [undefined, 'warning', 'failure'],
      [undefined, 'error', 'failure'],
      ['a', 'failure', 'failure'],
      [undefined, 'success', 'failure'],
      ['a', 'success', 'pending'],
      ['c', 'zap', 'pending'],
      ['c', 'success', 'success'],
    ]) {
      await say(context, state!);
      expect((await read()).state).toBe(combined);
    }
    expect((await read()).contexts).toEqual(['b', '', 'a', 'c']);

    await say('b', 'failure');
    for (let index = 0; index < 48; index += 1) {
      await say(`m${index}`, 'success');
    }
    const first = await read('?limit=50');
    expect(first).toMatchObject({
      state: 'failure',
      total_count: 50,
      all: '52',
    });
    expect(first.contexts.slice(0, 2)).toEqual(['c', 'b']);
    expect(await read('?limit=50&page=2')).toMatchObject({
      state: 'success',
      contexts: ['', 'a'],
      all: '52',
    });
    expect(await read()).toMatchObject({ state: 'success', total_count: 30 });
  });

  it('does not blame a reviewer when the merge that waited for the review is refused', async () => {
    await forge.createRepository({
      owner: 'acme',
      name: 'guarded',
      collaborators: { portal: 'admin', carla: 'write' },
      files: { 'README.md': '# guarded\n' },
      requiredApprovals: 1,
    });
    const repository = '/repos/acme/guarded';
    await api('POST', `${repository}/contents`, {
      body: {
        branch: 'main',
        new_branch: 'topic',
        files: [{ operation: 'create', path: 'a.txt', content: base64('a\n') }],
      },
    });
    await api('POST', `${repository}/pulls`, {
      body: { head: 'topic', base: 'main', title: 't' },
    });
    const scheduled = await api('POST', `${repository}/pulls/1/merge`, {
      body: { Do: 'rebase', merge_when_checks_succeed: true },
    });
    expect(scheduled.status).toBe(201);
    await api('PATCH', repository, { body: { allow_rebase: false } });

    const review = await api('POST', `${repository}/pulls/1/reviews`, {
      as: 'carla',
      body: { event: 'APPROVED' },
    });
    expect(review.status).toBe(200);
    expect((await api('GET', `${repository}/pulls/1`)).body).toMatchObject({
      state: 'open',
      merged: false,
    });
  });

  it('lets nothing get lost when twenty write at once', async () => {
    const branches = Array.from(
      { length: 20 },
      (_, index) => `rustfs/${index}`,
    );
    const commits = await Promise.all(
      branches.map((branch, index) =>
        commit(branch, { [`storage/${index}.yaml`]: `n: ${index}\n` }),
      ),
    );
    expect(commits.map(({ status }) => status)).toEqual(
      branches.map(() => 201),
    );
    const pulls = await Promise.all(branches.map(branch => open(branch)));
    expect(new Set(pulls.map(({ body }) => body.number)).size).toBe(20);
    const merges = await Promise.all(
      pulls.map(({ body }) =>
        api('POST', `/repos/acme/atlas/pulls/${body.number}/merge`, {
          as: 'carla',
          body: { Do: 'squash', head_commit_id: body.head.sha },
        }),
      ),
    );
    expect(merges.map(({ status }) => status)).toEqual(branches.map(() => 200));
    const listing = await api('GET', '/repos/acme/atlas/contents/storage');
    expect(listing.body).toHaveLength(21);

    // On one branch exactly one wins; the others are told that they lost.
    const race = await Promise.all(
      branches.map((_, index) =>
        commit('contested', { 'c.yaml': `${index}\n` }),
      ),
    );
    const won = race.filter(({ status }) => status === 201);
    const lost = race.filter(({ status }) => status === 403);
    expect(won.length + lost.length).toBe(20);
    expect(won.length).toBeGreaterThan(0);
    for (const { body } of lost)
      expect(body.message).toMatch(/^cannot lock ref/);
  });

  it('opens every one of several equal pull requests, as Gitea does when they come at once', async () => {
    await commit('rustfs/1', { 'x.yaml': '1\n' });
    const pulls = await Promise.all(
      Array.from({ length: 8 }, () => open('rustfs/1')),
    );
    expect(pulls.map(({ status }) => status)).toEqual(pulls.map(() => 201));
    expect((await open('rustfs/1')).status).toBe(409);
  });

  it('closes a pull request some time after its branch is gone', async () => {
    await commit('rustfs/1', { 'x.yaml': '1\n' });
    await open('rustfs/1');
    await api('DELETE', '/repos/acme/atlas/branches/rustfs%2F1');
    const shown = async () =>
      (await api('GET', '/repos/acme/atlas/pulls/1')).body;
    const end = Date.now() + 30_000;
    while ((await shown()).state === 'open' && Date.now() < end) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(await shown()).toMatchObject({
      state: 'closed',
      merged: false,
      head: { ref: 'refs/pull/1/head', label: 'rustfs/1' },
    });
  });

  it('shows a conflict and loses it when the branch is rendered again', async () => {
    const path = 'storage/kustomization.yaml';
    await commit('one', { [path]: 'resources:\n  - a.yaml\n  - one.yaml\n' });
    await commit('two', { [path]: 'resources:\n  - a.yaml\n  - two.yaml\n' });
    await open('one');
    await open('two');
    await api('POST', '/repos/acme/atlas/pulls/1/merge', {
      body: { Do: 'merge' },
    });
    const second = () => api('GET', '/repos/acme/atlas/pulls/2');
    expect((await second()).body.mergeable).toBe(false);
    const refused = await api('POST', '/repos/acme/atlas/pulls/2/merge', {
      body: { Do: 'merge' },
    });
    expect(refused).toMatchObject({
      status: 405,
      body: { message: 'Please try again later' },
    });
    await commit('two', {
      [path]: 'resources:\n  - a.yaml\n  - one.yaml\n  - two.yaml\n',
    });
    expect((await second()).body).toMatchObject({ mergeable: true, number: 2 });
  });

  it.each(['merge', 'squash', 'rebase', 'rebase-merge'])(
    'merges in the style %s onto a base that moved',
    async style => {
      await commit('topic', { 'one.yaml': '1\n' });
      await api('POST', '/repos/acme/atlas/contents', {
        body: {
          branch: 'topic',
          message: 'second',
          files: [{ operation: 'create', path: 'two.yaml', content: '' }],
        },
      });
      await open('topic');
      await api('POST', '/repos/acme/atlas/contents', {
        body: {
          branch: 'main',
          message: 'elsewhere',
          files: [{ operation: 'create', path: 'three.yaml', content: '' }],
        },
      });
      const merged = await api('POST', '/repos/acme/atlas/pulls/1/merge', {
        body: { Do: style },
      });
      expect(merged.status).toBe(200);
      const tree = await api('GET', '/repos/acme/atlas/git/trees/main');
      expect(
        tree.body.tree.map((entry: { path: string }) => entry.path),
      ).toEqual(expect.arrayContaining(['one.yaml', 'two.yaml', 'three.yaml']));
    },
  );

  it('knows everything again after a restart', async () => {
    await commit('rustfs/1', { 'x.yaml': '1\n' });
    await open('rustfs/1', 'Kept');
    await api('POST', '/repos/acme/atlas/pulls/1/reviews', {
      as: 'carla',
      body: { event: 'APPROVED', body: 'good' },
    });
    await forge.stop();
    await start();
    await forge.createRepository({
      owner: 'acme',
      name: 'atlas',
      files: { 'README.md': 'other\n' },
      collaborators: {},
    });
    const pull = await api('GET', '/repos/acme/atlas/pulls/1');
    expect(pull.body).toMatchObject({ title: 'Kept', state: 'open' });
    const reviews = await api('GET', '/repos/acme/atlas/pulls/1/reviews');
    expect(reviews.body.at(-1)).toMatchObject({
      state: 'APPROVED',
      body: 'good',
    });
    const readme = await api('GET', '/repos/acme/atlas/contents/README.md');
    expect(Buffer.from(readme.body.content, 'base64').toString()).toBe(
      '# atlas\n',
    );
  });

  it('fails on demand', async () => {
    forge.faults.set({ refuseWrites: { status: 503, message: 'maintenance' } });
    expect(await commit('x', { 'x.yaml': '1' })).toMatchObject({
      status: 503,
      body: { message: 'maintenance' },
    });
    expect((await api('GET', '/repos/acme/atlas')).status).toBe(200);
    forge.faults.set({ down: true });
    await expect(api('GET', '/repos/acme/atlas')).rejects.toThrow();
    forge.faults.set({ delayMs: 120 });
    const before = Date.now();
    expect((await api('GET', '/version')).status).toBe(200);
    expect(Date.now() - before).toBeGreaterThanOrEqual(115);
    forge.faults.set(undefined);
  });

  describe('webhooks', () => {
    let receiver: Server;
    let received: Array<{ headers: IncomingHttpHeaders; body: string }>;

    beforeEach(async () => {
      received = [];
      receiver = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        received.push({
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        });
        response.end();
      });
      receiver.listen(0, '127.0.0.1');
      await once(receiver, 'listening');
      await forge.createRepository({
        owner: 'acme',
        name: 'hooked',
        collaborators: { portal: 'write', carla: 'write' },
        files: { 'a.txt': 'a\n' },
        webhooks: [
          {
            url: `http://127.0.0.1:${
              (receiver.address() as AddressInfo).port
            }/`,
            secret: 'shared',
            authorizationHeader: 'Bearer me',
          },
        ],
      });
    });

    afterEach(async () => {
      receiver.close();
      receiver.closeAllConnections();
    });

    async function until(count: number) {
      const end = Date.now() + 30_000;
      while (received.length < count && Date.now() < end) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      return received.map(({ headers, body }) => {
        const { action } = JSON.parse(body);
        return `${headers['x-gitea-event-type']}${action ? ` ${action}` : ''}`;
      });
    }

    it('tells signed what happened to a pull request', async () => {
      const change = (content: string) =>
        api('POST', '/repos/acme/hooked/contents', {
          body: {
            branch: 'main',
            new_branch: 'h',
            force_push: true,
            files: [
              { operation: 'upload', path: 'h', content: base64(content) },
            ],
          },
        });
      await change('1');
      await api('POST', '/repos/acme/hooked/pulls', {
        body: { head: 'h', base: 'main', title: 'h' },
      });
      await change('2');
      await api('POST', '/repos/acme/hooked/pulls/1/reviews', {
        as: 'carla',
        body: { event: 'APPROVED', body: 'ok' },
      });
      await api('POST', '/repos/acme/hooked/pulls/1/merge', {
        as: 'carla',
        body: { Do: 'squash' },
      });
      expect(await until(7)).toEqual([
        'push',
        'pull_request opened',
        'push',
        'pull_request_sync synchronized',
        'pull_request_review_approved reviewed',
        'push',
        'pull_request closed',
      ]);
      const last = received[received.length - 1];
      expect(JSON.parse(last.body).pull_request).toMatchObject({
        merged: true,
        merge_commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      });
      expect(last.headers['x-gitea-signature']).toBe(
        createHmac('sha256', 'shared').update(last.body).digest('hex'),
      );
      expect(last.headers.authorization).toBe('Bearer me');
    });
  });
});
