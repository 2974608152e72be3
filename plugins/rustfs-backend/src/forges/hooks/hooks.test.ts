import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForgeNews } from '@rustfs-portal/plugin-rustfs-node';
import { giteaHooks } from './gitea';
import { githubHooks } from './github';
import { gitlabHooks } from './gitlab';

const SHA = 'a'.repeat(40);

/** What Gitea 1.27.3 has sent. */
const recorded = (name: string): object =>
  JSON.parse(
    readFileSync(join(__dirname, '__fixtures__', `gitea-${name}.json`), 'utf8'),
  );

const github = (body: object) => ({
  ...body,
  repository: {
    html_url: 'https://github.com/acme/atlas',
    clone_url: 'https://github.com/acme/atlas.git',
    ssh_url: 'git@github.com:acme/atlas.git',
  },
});
const pull = { number: 7, head: { sha: SHA } };

const gitlab = (body: object) => ({
  ...body,
  project: {
    web_url: 'https://gitlab.acme.org/acme/platform/atlas',
    git_http_url: 'https://gitlab.acme.org/acme/platform/atlas.git',
    git_ssh_url: 'git@gitlab.acme.org:acme/platform/atlas.git',
  },
});
const merge = (attributes: object) =>
  gitlab({
    object_kind: 'merge_request',
    object_attributes: { iid: 7, last_commit: { id: SHA }, ...attributes },
  });

type About = ForgeNews['about'] | undefined;

describe('webhooks', () => {
  it.each<[string, About]>([
    ['opened', undefined],
    [
      'synchronized',
      {
        type: 'pushed',
        number: 1,
        commit: 'bbfb2318078e1534736165628196f410f16a071a',
      },
    ],
    ['approved', { type: 'pull', number: 1 }],
    ['merged', { type: 'pull', number: 1 }],
    ['push-base', { type: 'branch', branch: 'main' }],
  ])('of Gitea, as it sends them: %s', (name, about) => {
    const news = giteaHooks.read(recorded(name));
    expect(news.map(one => one.about)).toEqual(about ? [about] : []);
    for (const { repository } of news) {
      expect(repository).toEqual([
        'https://gitea.example.com/platform/hooked',
        'https://gitea.example.com/platform/hooked.git',
      ]);
    }
  });

  it.each<[string, object, About]>([
    [
      'merged',
      github({ action: 'closed', pull_request: pull }),
      { type: 'pull', number: 7 },
    ],
    [
      'reviewed',
      github({ action: 'submitted', pull_request: pull, review: { id: 1 } }),
      { type: 'pull', number: 7 },
    ],
    [
      'pushed to',
      github({ action: 'synchronize', pull_request: pull }),
      { type: 'pushed', number: 7, commit: SHA },
    ],
    [
      'that the portal asked for a review',
      github({ action: 'review_requested', pull_request: pull }),
      undefined,
    ],
    [
      'pushed',
      github({ ref: 'refs/heads/release/1', after: SHA }),
      { type: 'branch', branch: 'release/1' },
    ],
    ['of a tag', github({ ref: 'refs/tags/v1', after: SHA }), undefined],
    [
      'of a check that has ended',
      github({ action: 'completed', check_run: { head_sha: SHA } }),
      { type: 'commit', commit: SHA },
    ],
    [
      'of a check that has begun',
      github({ action: 'created', check_run: { head_sha: SHA } }),
      undefined,
    ],
    [
      'of a status',
      github({ sha: SHA, context: 'ci/lint', state: 'failure' }),
      { type: 'commit', commit: SHA },
    ],
    [
      'of the status of the portal',
      github({ sha: SHA, context: 'rustfs/policy', state: 'success' }),
      undefined,
    ],
    ['of something else', github({ action: 'created', issue: {} }), undefined],
  ])('of GitHub: %s', (_, body, about) => {
    expect(githubHooks.read(body)).toEqual(
      about
        ? [
            {
              repository: [
                'https://github.com/acme/atlas',
                'https://github.com/acme/atlas.git',
                'git@github.com:acme/atlas.git',
              ],
              about,
            },
          ]
        : [],
    );
  });

  it.each<[string, object, About]>([
    ['merged', merge({ action: 'merge' }), { type: 'pull', number: 7 }],
    ['approved', merge({ action: 'approved' }), { type: 'pull', number: 7 }],
    ['opened', merge({ action: 'open' }), undefined],
    [
      'pushed to',
      merge({ action: 'update', oldrev: 'b'.repeat(40) }),
      { type: 'pushed', number: 7, commit: SHA },
    ],
    ['edited', merge({ action: 'update' }), undefined],
    [
      'pushed',
      gitlab({ object_kind: 'push', ref: 'refs/heads/main' }),
      { type: 'branch', branch: 'main' },
    ],
    [
      'of a pipeline that has ended',
      gitlab({
        object_kind: 'pipeline',
        object_attributes: { sha: SHA, status: 'failed' },
      }),
      { type: 'commit', commit: SHA },
    ],
    [
      'of a pipeline that runs',
      gitlab({
        object_kind: 'pipeline',
        object_attributes: { sha: SHA, status: 'running' },
      }),
      undefined,
    ],
    [
      'of what the portal says itself',
      gitlab({
        object_kind: 'pipeline',
        object_attributes: { sha: SHA, status: 'success' },
        builds: [{ name: 'rustfs/policy' }],
      }),
      undefined,
    ],
  ])('of GitLab: %s', (_, body, about) => {
    expect(gitlabHooks.read(body).map(one => one.about)).toEqual(
      about ? [about] : [],
    );
  });

  it.each<[unknown]>([
    [undefined],
    ['{}'],
    [[]],
    [{ repository: 'acme/atlas' }],
    [{ ...github({}), pull_request: { number: '7' } }],
    [{ ...github({}), pull_request: { number: -1 }, action: 'closed' }],
  ])('that are none say nothing: %j', body => {
    for (const { read } of [giteaHooks, githubHooks, gitlabHooks]) {
      expect(read(body)).toEqual([]);
    }
  });
});
