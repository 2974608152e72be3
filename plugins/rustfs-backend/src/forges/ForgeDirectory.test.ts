import { generateKeyPairSync } from 'node:crypto';
import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import { ConfigReader } from '@backstage/config';
import {
  forgejoForge,
  giteaForge,
  githubForge,
  gitlabForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { readForgesConfig } from '../config';
import { ForgeDirectory } from './ForgeDirectory';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

describe('ForgeDirectory', () => {
  let server: Server;
  let url: string;
  /** Calls with what they were made with; that of an app is another every time. */
  const calls: string[] = [];
  let answers: Record<string, [number, unknown]>;

  beforeAll(async () => {
    server = createServer(
      (request: IncomingMessage, response: ServerResponse) => {
        const path = request.url!.split('?')[0];
        const said = request.headers.authorization ?? '';
        calls.push(`${path} ${said.replace(/^bearer ey.*$/i, 'app')}`);
        const [status, body] = answers[path] ?? [404, { message: 'Not Found' }];
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(body));
      },
    );
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    calls.length = 0;
    answers = {
      '/api/v3/app/installations': [
        200,
        [{ id: 7, account: { login: 'acme' } }],
      ],
      '/api/v3/app/installations/7/access_tokens': [
        201,
        {
          token: 'ghs_installed',
          expires_at: new Date(Date.now() + 3_600_000).toISOString(),
          repository_selection: 'all',
        },
      ],
    };
  });

  function open(forge: object, integrations: object) {
    const config = new ConfigReader({
      rustfs: { forges: [forge] },
      integrations,
    } as any);
    return ForgeDirectory.create(
      readForgesConfig(config, [
        forgejoForge,
        giteaForge,
        githubForge,
        gitlabForge,
      ]),
      { config },
    );
  }

  /** What reading a branch comes to; no repository is there. */
  async function call(directory: ForgeDirectory, repository = 'acme/atlas') {
    const { forge, repository: id } = directory.find(
      `${url}/${repository}.git`,
    )!;
    return forge
      .closePull(id, 1)
      .catch(({ reason, message }) => ({ reason, message }));
  }

  const host = () => url.replace('http://', '');
  const app = () => ({
    appId: 1,
    clientId: 'c',
    clientSecret: 's',
    webhookSecret: 'w',
    privateKey,
  });
  const github = (more: object) => ({
    github: [{ host: host(), apiBaseUrl: `${url}/api/v3`, ...more }],
  });

  it('calls with the token of the integration of its host', async () => {
    await call(
      open(
        { type: 'github', baseUrl: url },
        github({ token: 'ghp_integration' }),
      ),
    );
    expect(calls).toContain(
      '/api/v3/repos/acme/atlas/pulls/1 Bearer ghp_integration',
    );
  });

  it('calls with the token of an app for the owner of a repository, and asks for it once', async () => {
    const directory = open(
      { type: 'github', baseUrl: url },
      github({ apps: [app()] }),
    );
    await call(directory);
    await call(directory);
    expect(calls).toEqual([
      '/api/v3/app/installations app',
      '/api/v3/app/installations/7/access_tokens app',
      '/api/v3/repos/acme/atlas/pulls/1 Bearer ghs_installed',
      '/api/v3/repos/acme/atlas/pulls/1 Bearer ghs_installed',
    ]);
  });

  it.each<[string, () => void, string, string, RegExp]>([
    [
      'for the owner',
      () => {},
      'other/atlas',
      'denied',
      /is not installed for other on .*access to other\/atlas/,
    ],
    [
      'on the repository',
      () => {
        answers['/api/v3/app/installations/7/access_tokens'] = [
          201,
          {
            token: 'ghs_installed',
            expires_at: new Date(Date.now() + 3_600_000).toISOString(),
            repository_selection: 'selected',
          },
        ];
        answers['/api/v3/installation/repositories'] = [
          200,
          { total_count: 1, repositories: [{ name: 'other' }] },
        ];
      },
      'acme/atlas',
      'denied',
      /without access to acme\/atlas; add the repository .* within two minutes/,
    ],
    [
      'as it was suspended',
      () => {
        answers['/api/v3/app/installations'] = [
          200,
          [{ id: 7, account: { login: 'acme' }, suspended_by: { login: 'x' } }],
        ];
      },
      'acme/atlas',
      'denied',
      /is suspended for the owner of acme\/atlas/,
    ],
    [
      'with a key that GitHub knows',
      () => {
        answers['/api/v3/app/installations'] = [
          401,
          { message: 'A JSON web token could not be decoded' },
        ];
      },
      'acme/atlas',
      'unauthenticated',
      /its private key is another one/,
    ],
    [
      'while GitHub works',
      () => {
        answers['/api/v3/app/installations'] = [500, { message: 'x' }];
      },
      'acme/atlas',
      'unreachable',
      /it failed with 500/,
    ],
  ])(
    'says what to do when the app is not there %s',
    async (_, arrange, repository, reason, words) => {
      arrange();
      const said = await call(
        open({ type: 'github', baseUrl: url }, github({ apps: [app()] })),
        repository,
      );
      expect(said).toEqual({ reason, message: expect.stringMatching(words) });
      expect(calls.filter(path => path.includes('/repos/'))).toEqual([]);
    },
  );

  it('takes up a repository that is added to the app later', async () => {
    answers['/api/v3/app/installations/7/access_tokens'] = [
      201,
      {
        token: 'ghs_installed',
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
        repository_selection: 'selected',
      },
    ];
    const list = (...names: string[]) => {
      answers['/api/v3/installation/repositories'] = [
        200,
        {
          total_count: names.length,
          repositories: names.map(name => ({ name })),
        },
      ];
    };
    list('other');
    const directory = open(
      { type: 'github', baseUrl: url },
      github({ apps: [app()] }),
    );
    const start = Date.now();
    await expect(call(directory)).resolves.toMatchObject({ reason: 'denied' });
    list('other', 'atlas');
    // Whoever asks all the time does not ask GitHub all the time.
    calls.length = 0;
    await expect(call(directory)).resolves.toMatchObject({ reason: 'denied' });
    expect(calls).toEqual([]);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(start + 121_000);
    try {
      // While it does not say so, what is known of others stays.
      const { '/api/v3/app/installations': installations } = answers;
      answers['/api/v3/app/installations'] = [500, {}];
      await call(directory);
      expect(calls).toEqual(['/api/v3/app/installations app']);
      calls.length = 0;
      await call(directory, 'acme/other');
      expect(calls).toEqual([
        '/api/v3/repos/acme/other/pulls/1 Bearer ghs_installed',
      ]);
      answers['/api/v3/app/installations'] = installations;
      clock.mockReturnValue(start + 242_000);
      await call(directory);
    } finally {
      clock.mockRestore();
    }
    expect(calls.at(-1)).toBe(
      '/api/v3/repos/acme/atlas/pulls/1 Bearer ghs_installed',
    );
  });

  it('takes no token of another installation, which reads what is public and writes nothing', async () => {
    answers['/api/v3/app/installations/7/access_tokens'] = [
      201,
      {
        token: 'ghs_of_acme',
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
        repository_selection: 'all',
      },
    ];
    const directory = open(
      { type: 'github', baseUrl: url },
      github({ apps: [{ ...app(), publicAccess: true }] }),
    );
    await expect(call(directory, 'other/atlas')).resolves.toEqual({
      reason: 'denied',
      message: expect.stringMatching(/is not installed for other/),
    });
    expect(calls.filter(path => path.includes('/repos/'))).toEqual([]);
  });

  it('calls Gitea with what the integration of its host has', async () => {
    for (const [keys, expected] of [
      [{ password: 'open' }, 'token open'],
      [
        { username: 'portal', password: 'open' },
        `basic ${Buffer.from('portal:open').toString('base64')}`,
      ],
    ]) {
      calls.length = 0;
      await call(
        open(
          { type: 'gitea', baseUrl: url },
          { gitea: [{ host: host(), baseUrl: url, ...(keys as object) }] },
        ),
      );
      expect(calls[0]).toBe(`/api/v1/repos/acme/atlas/pulls/1 ${expected}`);
    }
  });

  it('calls GitLab with the token of the integration of its host, at the API that it says, in groups of groups', async () => {
    const directory = open(
      { type: 'gitlab', baseUrl: `${url}/gitlab` },
      {
        gitlab: [
          {
            host: host(),
            baseUrl: `${url}/gitlab`,
            apiBaseUrl: `${url}/gitlab/api/v4`,
            token: 'glpat-integration',
          },
        ],
      },
    );
    for (const address of [
      `${url}/gitlab/acme/platform/storage/atlas.git`,
      'git@127.0.0.1:acme/platform/storage/atlas.git',
    ]) {
      const { forge, repository } = directory.find(address)!;
      calls.length = 0;
      await forge.getPull(repository, 1).catch(() => {});
      expect(calls).toContain(
        '/gitlab/api/v4/projects/acme%2Fplatform%2Fstorage%2Fatlas/merge_requests/1 Bearer glpat-integration',
      );
    }
    expect(directory.find(`${url}/gitlab/atlas.git`)).toBeUndefined();
    expect(
      directory.find(`${url}/gitlab/acme/atlas/-/tree/main`),
    ).toBeUndefined();
  });

  it('calls Forgejo with what the integration for Gitea has', async () => {
    await call(
      open(
        { type: 'forgejo', baseUrl: url },
        { gitea: [{ host: host(), baseUrl: url, password: 'open' }] },
      ),
    );
    expect(calls).toContain('/api/v1/repos/acme/atlas/pulls/1 token open');
  });

  it('prefers the token of its own configuration', async () => {
    await call(
      open(
        { type: 'github', baseUrl: url, token: 'ghp_own' },
        github({ token: 'ghp_integration' }),
      ),
    );
    expect(calls).toEqual(['/api/v3/repos/acme/atlas/pulls/1 Bearer ghp_own']);
  });

  it('takes the address of the API from the integration, also with a token of its own', async () => {
    await call(
      open(
        { type: 'github', baseUrl: url, token: 'ghp_own' },
        { github: [{ host: host(), apiBaseUrl: `${url}/elsewhere` }] },
      ),
    );
    expect(calls).toEqual([
      '/elsewhere/repos/acme/atlas/pulls/1 Bearer ghp_own',
    ]);
  });

  it('knows github.com without an address', () => {
    const directory = open(
      { type: 'github' },
      { github: [{ host: 'github.com', token: 'ghp_integration' }] },
    );
    for (const address of [
      'https://github.com/acme/atlas.git',
      'ssh://git@github.com/acme/atlas',
      'git@github.com:acme/atlas.git',
    ]) {
      expect(directory.find(address)).toMatchObject({
        forgeUrl: 'https://github.com',
        repository: 'acme/atlas',
      });
    }
  });

  it.each<[object, object, RegExp]>([
    [
      { type: 'github' },
      {},
      /rustfs\.forges\[0\]\.token: expected an access token, as integrations\.github has no credentials for github\.com/,
    ],
    [
      { type: 'gitea', baseUrl: 'https://git.acme.org' },
      { gitea: [{ host: 'git.other.org', password: 'p' }] },
      /integrations\.gitea has no credentials for git\.acme\.org/,
    ],
    [
      { type: 'forgejo', baseUrl: 'https://git.acme.org' },
      {},
      /integrations\.gitea has no credentials for git\.acme\.org/,
    ],
    [
      { type: 'gitlab' },
      {},
      /integrations\.gitlab has no credentials for gitlab\.com/,
    ],
    [
      { type: 'gitea', token: 't' },
      {},
      /forges\[0\]\.baseUrl: expected an http/,
    ],
    [
      { type: 'github', apiBaseUrl: 'api', token: 't' },
      {},
      /forges\[0\]\.apiBaseUrl: expected an http/,
    ],
    [
      { type: 'svn' },
      {},
      /type: expected one of forgejo, gitea, github, gitlab/,
    ],
  ])('stops the start when %j is not enough', (forge, integrations, words) => {
    expect(() => open(forge, integrations)).toThrow(words);
  });
});
