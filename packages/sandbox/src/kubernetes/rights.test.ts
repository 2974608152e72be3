import { ADMIN, TestApi } from './__testUtils__/testApi';

const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/store';
const CORE = '/api/v1/namespaces/store';

/** What the setup program may do, as its folder in Git says. */
const rules = [
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['list'] },
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['status'],
    verbs: ['get', 'patch'],
  },
];

describe('rights of a service account', () => {
  let api: TestApi;
  let token: string;

  const post = (path: string, body: object, as = ADMIN.token) =>
    api.send({ method: 'POST', path, body, token: as });

  beforeAll(async () => {
    api = await TestApi.start();
    await api.createNamespace('store');
    await api.createNamespace('other');
    await post(`${CORE}/serviceaccounts`, { metadata: { name: 'setup' } });
    await post(`${CORE}/configmaps`, { metadata: { name: 'status' } });
    await post(`${RBAC}/roles`, { metadata: { name: 'setup' }, rules });
    const { body } = await post(`${CORE}/serviceaccounts/setup/token`, {});
    token = body.status.token;
  });

  afterAll(() => api.stop());

  const statusOf = async (path: string, method = 'GET', body?: object) => {
    const answer = await api.send({
      method,
      path,
      token,
      body,
      contentType: 'application/merge-patch+json',
    });
    return answer.status;
  };

  it('are none without a RoleBinding', async () => {
    const { status, body } = await api.send({
      path: `${CORE}/configmaps`,
      token,
    });
    expect(status).toBe(403);
    expect(body.message).toBe(
      'configmaps is forbidden: User "system:serviceaccount:store:setup" cannot list resource "configmaps" in API group "" in the namespace "store"',
    );
  });

  it('are those of the Role that is bound to it, in its namespace, and no others', async () => {
    await post(`${RBAC}/rolebindings`, {
      metadata: { name: 'setup' },
      subjects: [{ kind: 'ServiceAccount', name: 'setup', namespace: 'store' }],
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: 'setup',
      },
    });
    const patch = { data: { run: '{}' } };
    expect(await statusOf(`${CORE}/secrets`)).toBe(200);
    expect(await statusOf(`${CORE}/configmaps?labelSelector=a`)).toBe(200);
    expect(await statusOf(`${CORE}/configmaps/status`, 'PATCH', patch)).toBe(
      200,
    );
    expect(await statusOf(`${CORE}/configmaps/other`, 'PATCH', patch)).toBe(
      403,
    );
    expect(await statusOf(`${CORE}/configmaps?watch=true`)).toBe(403);
    expect(await statusOf(`${CORE}/pods`)).toBe(403);
    expect(await statusOf('/api/v1/namespaces/other/secrets')).toBe(403);
    expect(await statusOf('/api/v1/secrets')).toBe(403);
    expect(
      await statusOf(`${CORE}/serviceaccounts/setup/token`, 'POST', {}),
    ).toBe(403);
  });

  it('end with the Role, and the token with the account', async () => {
    await api.send({ method: 'DELETE', path: `${RBAC}/roles/setup` });
    expect(await statusOf(`${CORE}/secrets`)).toBe(403);
    await api.send({ method: 'DELETE', path: `${CORE}/serviceaccounts/setup` });
    expect(await statusOf(`${CORE}/secrets`)).toBe(401);
  });

  it('are asked for no account that is not there', async () => {
    const { status } = await post(`${CORE}/serviceaccounts/nobody/token`, {});
    expect(status).toBe(404);
  });
});
