import { setTimeout as sleep } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';
import { NAMESPACE, tenant, tenants, TestApi } from './__testUtils__/testApi';

/** The official client, in the way controllers and portals use it. */
describe('@kubernetes/client-node', () => {
  let api: TestApi;

  beforeEach(async () => {
    api = await TestApi.start();
    await api.createNamespace(NAMESPACE);
  });

  afterEach(() => api.stop());

  function connect(): k8s.KubeConfig {
    const config = new k8s.KubeConfig();
    config.loadFromString(api.api.kubeconfig('admin-token'));
    return config;
  }

  const target = {
    group: 'rustfs.com',
    version: 'v1alpha1',
    namespace: NAMESPACE,
    plural: 'tenants',
  };

  it('reads and writes through the certificate of the kubeconfig', async () => {
    const config = connect();
    const objects = config.makeApiClient(k8s.CustomObjectsApi);
    await objects.createNamespacedCustomObject({
      ...target,
      body: tenant('main'),
    });
    const list = await objects.listNamespacedCustomObject(target);
    expect(list.items.map((item: any) => item.metadata.name)).toEqual(['main']);
    await expect(
      objects.getNamespacedCustomObject({ ...target, name: 'absent' }),
    ).rejects.toMatchObject({ code: 404 });
  });

  it('keeps an informer up to date over broken watches, a restart and an expired version', async () => {
    const config = connect();
    const objects = config.makeApiClient(k8s.CustomObjectsApi);
    const informer: k8s.Informer<k8s.KubernetesObject> = k8s.makeInformer(
      config,
      tenants(),
      () => objects.listNamespacedCustomObject(target),
    );
    const seen: string[] = [];
    informer.on('add', object => seen.push(`+${object.metadata!.name}`));
    informer.on('delete', object => seen.push(`-${object.metadata!.name}`));
    let isOver = false;
    const restart = async () => {
      await sleep(50);
      if (!isOver) {
        await informer.start().catch(restart);
      }
    };
    informer.on('error', restart);
    const until = async (event: string) => {
      while (!seen.includes(event)) {
        await sleep(20);
      }
    };
    await informer.start();
    await api.createTenant(tenant('one'));
    await until('+one');

    api.api.faults.breakWatches();
    await api.createTenant(tenant('two'));
    await until('+two');

    api.api.faults.set({ down: true });
    api.api.faults.set(undefined);
    await api.send({ method: 'DELETE', path: tenants('one') });
    await until('-one');
    isOver = true;
    await informer.stop();
    expect(seen).toEqual(['+one', '+two', '-one']);
  });
});
