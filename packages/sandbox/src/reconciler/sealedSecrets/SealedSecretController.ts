import { z } from 'zod';
import {
  ClusterClient,
  Informer,
  KeyedQueue,
  keyOf,
  KubernetesObject,
  parseObject,
  ResourceType,
  SECRETS,
  timestamp,
} from '../kubernetes';
import { unsealValue } from './unsealValue';

export const SEALED_SECRETS: ResourceType = {
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  plural: 'sealedsecrets',
  namespaced: true,
};

const RETRY_MS = 2_000;

const specSchema = z.object({
  encryptedData: z.record(z.string(), z.string()).default({}),
  template: z
    .object({
      type: z.string().optional(),
      metadata: z
        .object({
          labels: z.record(z.string(), z.string()).optional(),
          annotations: z.record(z.string(), z.string()).optional(),
        })
        .default({}),
    })
    .default({ metadata: {} }),
});

/**
 * Does what the sealed-secrets controller does for SealedSecrets of strict scope: opens them into Secrets that they own, and says so
 * in its words. It answers for its certificate at the API server, which is somebody else's part.
 */
export class SealedSecretController {
  private readonly queue: KeyedQueue;

  constructor(
    private readonly options: {
      client: ClusterClient;
      informer: Informer;
      secrets: Informer;
      /** PEM. */
      privateKey: string;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        options.onError(`SealedSecret ${key}`, error);
        this.queue.addAfter(key, RETRY_MS);
      },
    );
    options.informer.onChange((object, { deleted, old }) => {
      // Its own word in the status is no news.
      if (!deleted && old?.metadata.generation !== object.metadata.generation) {
        this.queue.add(keyOf(object));
      }
    });
    options.secrets.onChange((secret, { deleted }) => {
      const { name, namespace = '' } = secret.metadata;
      const sealed = options.informer.get(namespace, name);
      if (deleted && sealed && isManaged(secret, sealed)) {
        this.queue.add(keyOf(sealed));
      }
    });
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  private async reconcile(key: string): Promise<void> {
    const { client } = this.options;
    const [namespace, name] = key.split('/');
    const sealed = await client.get(SEALED_SECRETS, namespace, name);
    if (!sealed) {
      // Its Secret goes with it.
      return;
    }
    // The real one tries five times in a second, and then no more.
    const trouble = await this.unseal(sealed);
    const now = timestamp();
    await client.mergePatch(
      SEALED_SECRETS,
      { namespace, name, subresource: 'status' },
      {
        status: {
          observedGeneration: sealed.metadata.generation,
          conditions: [
            {
              type: 'Synced',
              status: trouble ? 'False' : 'True',
              lastUpdateTime: now,
              lastTransitionTime: now,
              ...(trouble && { message: trouble }),
            },
          ],
        },
      },
    );
  }

  /** @returns why it cannot be, in the words of the controller */
  private async unseal(sealed: KubernetesObject): Promise<string | undefined> {
    const { client, privateKey } = this.options;
    const { apiVersion, kind, metadata } = sealed;
    const { name, namespace, uid } = metadata;
    const { encryptedData, template } = specSchema.parse(sealed.spec);
    const opened = Object.entries(encryptedData).map(([field, value]) => ({
      field,
      value: unsealValue(privateKey, value, `${namespace}/${name}`),
    }));
    const shut = opened.filter(({ value }) => !value);
    if (shut.length) {
      return `no key could decrypt secret (${shut
        .map(({ field }) => field)
        .join(', ')})`;
    }
    const live = await client.get(SECRETS, namespace, name);
    if (live && !isManaged(live, sealed)) {
      return `failed update: Resource "${name}" already exists and is not managed by SealedSecret`;
    }
    await client.put(
      SECRETS,
      parseObject({
        apiVersion: SECRETS.apiVersion,
        kind: SECRETS.kind,
        metadata: {
          name,
          namespace,
          labels: template.metadata.labels ?? {},
          annotations: template.metadata.annotations ?? {},
          ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
        },
        type: template.type ?? 'Opaque',
        data: Object.fromEntries(
          opened.map(({ field, value }) => [field, value!.toString('base64')]),
        ),
      }),
      { dryRun: false },
    );
    return undefined;
  }
}

/** Whether it made the Secret, or somebody has said that it may take it over. */
function isManaged(
  { metadata }: KubernetesObject,
  { metadata: { uid } }: KubernetesObject,
): boolean {
  return Boolean(
    metadata.ownerReferences?.some(owner => owner.uid === uid) ||
      metadata.annotations?.['sealedsecrets.bitnami.com/managed'] === 'true',
  );
}
