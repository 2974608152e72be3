import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices } from '@backstage/backend-test-utils';
import {
  SealedSecretsWriter,
  SecretSlot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  SecretCluster,
  SecretVerdict,
} from '@rustfs-portal/plugin-rustfs-node';
import {
  KubernetesApi,
  Reconciler,
  startKubernetesApi,
  startReconciler,
} from '@rustfs-portal/sandbox';
import { loadCertificate } from '@rustfs-portal/sandbox/testUtils';
import { parse } from 'yaml';
import { readClustersConfig } from '../../config';
import { openSecretClusters } from '../openSecretClusters';
import { SealedSecretsKind } from './sealedSecretsKind';

jest.setTimeout(60_000);

/** A cluster with the real controller, which Node trusts; else the sandbox's own. */
const {
  SEALED_SECRETS_KUBE_API_URL: realUrl,
  SEALED_SECRETS_KUBE_API_TOKEN: realToken = '',
  SEALED_SECRETS_CERT_URL: realCertificate = '',
} = process.env;

const TOKEN = 'controller-token';
const NAMESPACE = `seal-${Date.now().toString(36)}`;
const MANAGED = { 'sealedsecrets.bitnami.com/managed': 'true' };

describe(`the sealed-secrets controller of ${
  realUrl ? 'a real cluster' : 'the sandbox'
}`, () => {
  let dir: string;
  let kubernetes: KubernetesApi | undefined;
  let reconciler: Reconciler | undefined;
  let writer: SealedSecretsWriter;
  let api: SecretCluster;
  let call: (
    method: string,
    path: string,
    body?: object,
  ) => Promise<{ status: number; body: any }>;
  const kind = new SealedSecretsKind({ clusters: [] });

  async function startSandboxCluster() {
    const { certificate, privateKey } = loadCertificate(dir);
    kubernetes = await startKubernetesApi({
      name: 'atlas',
      dataDir: join(dir, 'kubernetes'),
      tokens: [
        {
          token: TOKEN,
          user: 'admin',
          rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
        },
      ],
      customKinds: [
        {
          group: 'bitnami.com',
          version: 'v1alpha1',
          kind: 'SealedSecret',
          plural: 'sealedsecrets',
          namespaced: true,
        },
      ],
    });
    const { kubeconfig, url } = kubernetes;
    reconciler = startReconciler({
      clusters: [
        {
          name: 'atlas',
          url,
          token: TOKEN,
          kubeconfigOf: kubeconfig,
          sealingKey: privateKey,
        },
      ],
      endpointOf: () => undefined,
    });
    return { url, token: TOKEN, pem: certificate };
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sealing-'));
    const { pem, token, url } = realUrl
      ? {
          url: realUrl,
          token: realToken,
          pem: await (await fetch(realCertificate)).text(),
        }
      : await startSandboxCluster();
    writer = new SealedSecretsWriter({
      certificate: { pem, from: 'the certificate of it' },
    });
    const clusters = readClustersConfig(
      mockServices.rootConfig({
        data: { rustfs: { clusters: [{ name: 'atlas', url, token }] } },
      }),
    );
    api = openSecretClusters(clusters).get('atlas')!;
    call = async (method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type':
            method === 'PATCH'
              ? 'application/merge-patch+json'
              : 'application/json',
        },
        body: body && JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    };
    await call('POST', '/api/v1/namespaces', {
      metadata: { name: NAMESPACE },
    });
  });

  afterAll(async () => {
    await call?.('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    await reconciler?.stop();
    await kubernetes?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`;
  const sealedSecrets = `/apis/bitnami.com/v1alpha1/namespaces/${NAMESPACE}/sealedsecrets`;

  const slotOf = (name: string): SecretSlot => ({
    id: name,
    path: `${name}.yaml`,
    name,
    namespace: NAMESPACE,
    labels: { 'rustfs-portal/record': 'key' },
    keys: ['secretkey'],
  });
  const seal = async (name: string, secretkey: string, by = writer) =>
    parse(await by.seal(slotOf(name), { secretkey }, {}));

  async function create(object: object) {
    await expect(call('POST', sealedSecrets, object)).resolves.toMatchObject({
      status: 201,
    });
  }

  /** What it says last: of what was there before, nothing counts. */
  async function verdictOf(
    name: string,
    state: SecretVerdict['state'],
  ): Promise<SecretVerdict> {
    for (let attempt = 0; ; attempt += 1) {
      const verdict = (await kind.observe(api, NAMESPACE)).find(
        one => one.name === name,
      );
      if (verdict?.state === state) {
        return verdict;
      }
      if (attempt === 100) {
        throw new Error(`Not ${state}: ${JSON.stringify(verdict)}`);
      }
      await sleep(100);
    }
  }

  async function readValue(name: string): Promise<string> {
    const { body } = await call('GET', `${secrets}/${name}`);
    return Buffer.from(body.data.secretkey, 'base64').toString();
  }

  it('opens what the portal writes, into a Secret with its labels', async () => {
    await create(await seal('one', 'first'));
    await expect(verdictOf('one', 'ready')).resolves.toMatchObject({
      at: expect.stringMatching(/^20/),
    });
    const { body } = await call('GET', `${secrets}/one`);
    expect(body).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: slotOf('one').labels,
        ownerReferences: [{ kind: 'SealedSecret', name: 'one' }],
      },
    });
    await expect(readValue('one')).resolves.toBe('first');
  });

  it('opens it again when it is rewritten, as at the end of an access', async () => {
    const { spec } = await seal('one', 'second');
    await call('PATCH', `${sealedSecrets}/one`, { spec });
    await verdictOf('one', 'ready');
    await expect(readValue('one')).resolves.toBe('second');
  });

  it('says that no key fits, where the certificate is that of another', async () => {
    const { certificate: pem } = loadCertificate(
      await mkdtemp(join(dir, 'other-')),
    );
    const other = new SealedSecretsWriter({
      certificate: { pem, from: 'another' },
    });
    await create(await seal('foreign', 'x', other));
    await expect(verdictOf('foreign', 'failed')).resolves.toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `^SealedSecret ${NAMESPACE}/foreign: no key could decrypt secret`,
        ),
      ),
    });
  });

  it('says that a Secret is in the way, and goes on once that is let go as the hint says', async () => {
    await call('POST', secrets, { metadata: { name: 'taken' } });
    await create(await seal('taken', 'mine'));
    await expect(verdictOf('taken', 'failed')).resolves.toMatchObject({
      message: `SealedSecret ${NAMESPACE}/taken: failed update: Resource "taken" already exists and is not managed by SealedSecret`,
      hint: expect.stringMatching(/managed: "true" and then delete it/),
    });
    await call('PATCH', `${secrets}/taken`, {
      metadata: { annotations: MANAGED },
    });
    await call('DELETE', `${secrets}/taken`);
    await verdictOf('taken', 'ready');
    await expect(readValue('taken')).resolves.toBe('mine');
  });

  it('takes over what is left of another SealedSecret of that name', async () => {
    await call('POST', secrets, {
      metadata: { name: 'left', annotations: MANAGED },
    });
    await create(await seal('left', 'new'));
    await verdictOf('left', 'ready');
    await expect(readValue('left')).resolves.toBe('new');
  });
});
