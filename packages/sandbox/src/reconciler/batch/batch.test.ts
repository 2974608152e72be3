import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestApi } from '../../kubernetes/__testUtils__/testApi';
import { Reconciler, startReconciler } from '../startReconciler';

const SERVER = 'http://127.0.0.1:9999';
const PERIOD_MS = 1_000;

/** Says in the status what it was given; `--exit` and `--hang` say how it ends. */
const PROGRAM = `
const { readFileSync } = require('fs');
const { env, argv, exit } = process;
const { url, token } = JSON.parse(readFileSync(env.RUSTFS_SETUP_KUBECONFIG, 'utf8'));
const run = JSON.stringify({
  key: readFileSync(env.RUSTFS_ACCESS_KEY_FILE, 'utf8'),
  endpoint: env.RUSTFS_ENDPOINT,
  namespace: env.RUSTFS_SETUP_NAMESPACE,
  variables: Object.keys(env).sort(),
});
console.log('one line');
fetch(url + '/api/v1/namespaces/setup/configmaps/status', {
  method: 'PATCH',
  headers: { authorization: 'Bearer ' + token, 'content-type': 'application/merge-patch+json' },
  body: JSON.stringify({ data: { run } }),
}).then(({ status }) => {
  if (status !== 200) exit(9);
  const at = argv.indexOf('--exit');
  if (!argv.includes('--hang')) exit(at < 0 ? 0 : Number(argv[at + 1]));
  setInterval(() => {}, 1000);
});
`;

const labels = { app: 'ml' };

const container = {
  name: 'setup',
  image: 'acme/rustfs-setup:1.0@sha256:00',
  env: [
    { name: 'RUSTFS_ENDPOINT', value: 'http://ml-svc.storage.svc:9000' },
    { name: 'RUSTFS_ACCESS_KEY_FILE', value: '/keys/accesskey' },
  ],
  volumeMounts: [{ name: 'keys', mountPath: '/keys' }],
};

function cronJob(
  name: string,
  {
    args = [] as string[],
    image = container.image,
    secretName = 'keys',
    cron = {},
    job = {},
  } = {},
) {
  return {
    metadata: { name },
    spec: {
      schedule: '* * * * *',
      ...cron,
      jobTemplate: {
        spec: {
          ...job,
          template: {
            spec: {
              serviceAccountName: 'setup',
              volumes: [{ name: 'keys', secret: { secretName } }],
              containers: [{ ...container, image, args }],
            },
          },
        },
      },
    },
  };
}

describe('CronJobs of the setup program', () => {
  let api: TestApi;
  let folder: string;
  let reconciler: Reconciler;
  const log: string[] = [];

  const CORE = '/api/v1/namespaces/setup';
  const BATCH = '/apis/batch/v1/namespaces/setup';
  const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/setup';

  const post = async (path: string, body: object) => {
    const answer = await api.send({ method: 'POST', path, body });
    expect(answer.status).toBe(201);
  };
  const get = async (path: string) => (await api.send({ path })).body;

  const jobsOf = async (name: string): Promise<any[]> =>
    (await get(`${BATCH}/jobs`)).items.filter(({ metadata }: any) =>
      metadata.name.startsWith(`${name}-`),
    );

  async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < 300; tries += 1) {
      const found = await read();
      if (found) {
        return found;
      }
      await sleep(50);
    }
    throw new Error(`Does not get there. Printed:\n${log.join('\n')}`);
  }

  const endedJob = (name: string) =>
    until(async () =>
      (await jobsOf(name)).find(({ status }) => status?.conditions),
    );

  beforeAll(async () => {
    api = await TestApi.start();
    folder = await mkdtemp(join(tmpdir(), 'program-'));
    const program = join(folder, 'program.cjs');
    await writeFile(program, PROGRAM);
    reconciler = startReconciler({
      clusters: [
        {
          name: 'borealis',
          url: api.url,
          token: 'admin-token',
          engine: 'real',
          kubeconfigOf: token => JSON.stringify({ url: api.url, token }),
        },
      ],
      endpointOf: ref =>
        ref === 'borealis/storage/ml-store' ? SERVER : undefined,
      setupProgram: {
        image: 'acme/rustfs-setup@sha256:11',
        command: [process.execPath, program],
        periodMs: PERIOD_MS,
      },
      logger: {
        info: line => log.push(line),
        warn: line => log.push(line),
      },
    });
    await api.createNamespace('storage');
    await post('/apis/apps/v1/namespaces/storage/statefulsets', {
      metadata: { name: 'ml-store' },
      spec: { replicas: 4, template: { metadata: { labels } } },
    });
    await post('/api/v1/namespaces/storage/services', {
      metadata: { name: 'ml-svc' },
      spec: { selector: labels, ports: [{ port: 9000 }] },
    });
    await api.createNamespace('setup');
    await post(`${CORE}/serviceaccounts`, { metadata: { name: 'setup' } });
    await post(`${CORE}/configmaps`, { metadata: { name: 'status' } });
    await post(`${CORE}/secrets`, {
      metadata: { name: 'keys' },
      stringData: { accesskey: 'provisioner' },
    });
    await post(`${RBAC}/roles`, {
      metadata: { name: 'setup' },
      rules: [
        {
          apiGroups: [''],
          resources: ['configmaps'],
          resourceNames: ['status'],
          verbs: ['patch'],
        },
      ],
    });
    await post(`${RBAC}/rolebindings`, {
      metadata: { name: 'setup' },
      subjects: [{ kind: 'ServiceAccount', name: 'setup', namespace: 'setup' }],
      roleRef: { kind: 'Role', name: 'setup' },
    });
  });

  afterEach(() => api.send({ method: 'DELETE', path: `${BATCH}/cronjobs` }));

  afterAll(async () => {
    await reconciler.stop();
    await api.stop();
    await rm(folder, { recursive: true });
  });

  it('start the program every period, with the environment, files and token of its Pod and nothing else', async () => {
    await post(`${BATCH}/cronjobs`, cronJob('well'));
    const { status } = await until(async () => {
      const found = await get(`${BATCH}/cronjobs/well`);
      return found.status?.lastSuccessfulTime ? found : undefined;
    });
    expect(status.lastScheduleTime).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
    const { data } = await get(`${CORE}/configmaps/status`);
    expect(JSON.parse(data.run)).toEqual({
      key: 'provisioner',
      endpoint: SERVER,
      namespace: 'setup',
      variables: [
        'RUSTFS_ACCESS_KEY_FILE',
        'RUSTFS_ENDPOINT',
        'RUSTFS_SETUP_KUBECONFIG',
        'RUSTFS_SETUP_NAMESPACE',
      ],
    });
    const [job] = await jobsOf('well');
    expect(job.metadata.ownerReferences).toMatchObject([
      { kind: 'CronJob', name: 'well', controller: true },
    ]);
    expect(job.status).toMatchObject({
      succeeded: 1,
      completionTime: expect.any(String),
      conditions: [
        { type: 'SuccessCriteriaMet', status: 'True' },
        {
          type: 'Complete',
          status: 'True',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        },
      ],
    });
    expect(log).toContainEqual(
      expect.stringMatching(
        /^Cluster borealis: Job setup\/well-\d+: one line$/,
      ),
    );
    await until(async () => (await jobsOf('well')).length > 2 || undefined);
    await sleep(2 * PERIOD_MS);
    expect((await jobsOf('well')).length).toBeLessThan(5);
  });

  it('say how the program ended', async () => {
    const podFailurePolicy = {
      rules: [
        { action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 4] } },
      ],
    };
    await post(
      `${BATCH}/cronjobs`,
      cronJob('refused', { args: ['--exit', '4'], job: { podFailurePolicy } }),
    );
    await post(
      `${BATCH}/cronjobs`,
      cronJob('away', { args: ['--exit', '3'], job: { podFailurePolicy } }),
    );
    const refused = await endedJob('refused');
    expect(refused.status.conditions[1]).toMatchObject({
      type: 'Failed',
      reason: 'PodFailurePolicy',
      message: `Container setup for pod setup/${refused.metadata.name} failed with exit code 4 matching FailJob rule at index 0`,
    });
    const away = await endedJob('away');
    expect(away.status).toMatchObject({
      failed: 1,
      conditions: [
        { type: 'FailureTarget' },
        {
          type: 'Failed',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        },
      ],
    });
    expect(
      (await get(`${BATCH}/cronjobs/away`)).status.lastSuccessfulTime,
    ).toBeUndefined();
  });

  it('are ended by their deadline, also while they wait for a Secret', async () => {
    const job = { activeDeadlineSeconds: 1 };
    await post(
      `${BATCH}/cronjobs`,
      cronJob('hangs', { args: ['--hang'], job }),
    );
    await post(
      `${BATCH}/cronjobs`,
      cronJob('waits', { secretName: 'nowhere', job }),
    );
    for (const name of ['hangs', 'waits']) {
      expect((await endedJob(name)).status.conditions[1]).toMatchObject({
        type: 'Failed',
        reason: 'DeadlineExceeded',
        message: 'Job was active longer than specified deadline',
      });
    }
  });

  it('start when the Secret is there that they wait for', async () => {
    await post(`${BATCH}/cronjobs`, cronJob('later', { secretName: 'later' }));
    await until(async () => (await jobsOf('later'))[0]?.status?.active);
    await post(`${CORE}/secrets`, {
      metadata: { name: 'later' },
      stringData: { accesskey: 'late' },
    });
    const { status } = await endedJob('later');
    expect(status).toMatchObject({ succeeded: 1 });
  });

  it('are left alone when suspended or of another image; a Job by hand runs', async () => {
    await post(
      `${BATCH}/cronjobs`,
      cronJob('sleeps', { cron: { suspend: true } }),
    );
    await post(
      `${BATCH}/cronjobs`,
      cronJob('other', { image: 'acme/backup:1' }),
    );
    const { jobTemplate } = cronJob('hand').spec;
    await post(`${BATCH}/jobs`, {
      metadata: { name: 'hand-1' },
      spec: jobTemplate.spec,
    });
    expect((await endedJob('hand')).status).toMatchObject({ succeeded: 1 });
    expect(await jobsOf('sleeps')).toEqual([]);
    expect(await jobsOf('other')).toEqual([]);
  });
});
