import { isClusterScoped } from '../flux/build';
import {
  ClusterClient,
  KubernetesApiError,
  KubernetesObject,
} from '../kubernetes';
import { RenderedSource } from './renderSource';
import { ApplicationSpec, ResourceEntry } from './schemas';

const TRACKING_ID = 'argocd.argoproj.io/tracking-id';
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';

/** One commit of an Application and the cluster: how they differ, and making them agree. */
export class SyncRun {
  resources: ResourceEntry[] = [];
  private readonly objects: KubernetesObject[];
  private removed: ResourceEntry[] = [];

  constructor(
    private readonly client: ClusterClient,
    private readonly of: {
      name: string;
      spec: ApplicationSpec;
      rendered: RenderedSource;
      revision: string;
    },
  ) {
    this.objects = of.rendered.objects
      .map(object => withTrackingId(object, of.name))
      // Namespaces come into being first, as Argo CD sorts them.
      .sort((a, b) => rankOf(a) - rankOf(b));
  }

  get isSynced(): boolean {
    return this.resources.every(({ status }) => status === 'Synced');
  }

  /**
   * Holds the manifests against the cluster.
   *
   * @param before - what the Application had; what of it is not declared any more is to be removed
   * @returns whether something differs
   */
  async compare(before?: ResourceEntry[]): Promise<boolean> {
    if (before) {
      this.removed = before.filter(
        entry => !this.objects.some(object => isSame(entry, entryOf(object))),
      );
    }
    const entries: ResourceEntry[] = [];
    for (const object of this.objects) {
      const isThere = await this.isAsDeclared(object);
      entries.push({
        ...entryOf(object),
        status: isThere ? 'Synced' : 'OutOfSync',
      });
    }
    this.resources = [
      ...entries,
      ...this.removed.map(entry => ({
        ...entry,
        status: 'OutOfSync',
        requiresPruning: true,
      })),
    ];
    return !this.isSynced;
  }

  /** Applies object by object: what is refused does not keep the others away. */
  async apply(): Promise<{
    phase: 'Succeeded' | 'Failed';
    message: string;
    resources: object[];
  }> {
    const results: object[] = [];
    const refusals: string[] = [];
    for (const object of this.objects) {
      const { group, kind, name, namespace } = entryOf(object);
      const said = { group: group ?? '', kind, namespace, name };
      try {
        await this.put(object, false);
        results.push({
          ...said,
          status: 'Synced',
          message: `${kind.toLowerCase()}/${name} configured`,
        });
      } catch (error) {
        if (!(error instanceof KubernetesApiError)) {
          throw error;
        }
        const { message } = error;
        refusals.push(message);
        results.push({ ...said, status: 'SyncFailed', message });
      }
    }
    if (this.of.spec.syncPolicy?.automated?.prune) {
      await this.prune();
    }
    return refusals.length
      ? {
          phase: 'Failed',
          message: `one or more objects failed to apply, reason: ${refusals[0]}`,
          resources: results,
        }
      : {
          phase: 'Succeeded',
          message: 'successfully synced (all tasks run)',
          resources: results,
        };
  }

  private async prune(): Promise<void> {
    const kept: ResourceEntry[] = [];
    for (const entry of this.removed) {
      const { group, kind, name, namespace, version } = entry;
      const type = await this.client.resourceOf(
        group ? `${group}/${version}` : version,
        kind,
      );
      const live = type && (await this.client.get(type, namespace, name));
      const options = live?.metadata.annotations?.[SYNC_OPTIONS] ?? '';
      if (options.includes('Prune=false')) {
        kept.push(entry);
      } else if (type && live) {
        await this.client.delete(type, namespace, name);
      }
    }
    this.removed = kept;
  }

  private async isAsDeclared(object: KubernetesObject): Promise<boolean> {
    try {
      return !(await this.put(object, true)).changed;
    } catch (error) {
      if (error instanceof KubernetesApiError) {
        return false;
      }
      throw error;
    }
  }

  private async put(object: KubernetesObject, dryRun: boolean) {
    const { apiVersion, kind } = object;
    const type = await this.client.resourceOf(apiVersion, kind);
    if (!type) {
      const { group } = entryOf(object);
      throw new KubernetesApiError(
        404,
        'NotFound',
        `The Kubernetes API could not find ${group}/${kind} for requested resource ${object.metadata.namespace}/${object.metadata.name}. Make sure the "${kind}" CRD is installed on the destination cluster.`,
      );
    }
    return this.client.put(type, object, { dryRun });
  }
}

function withTrackingId(
  object: KubernetesObject,
  application: string,
): KubernetesObject {
  const { group = '', kind, name, namespace } = entryOf(object);
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        ...object.metadata.annotations,
        [TRACKING_ID]: `${application}:${group}/${kind}:${
          namespace ?? ''
        }/${name}`,
      },
    },
  };
}

function entryOf({
  apiVersion,
  kind,
  metadata,
}: KubernetesObject): ResourceEntry {
  const [version, group] = apiVersion.split('/').reverse();
  return {
    ...(group && { group }),
    version,
    kind,
    ...(metadata.namespace && { namespace: metadata.namespace }),
    name: metadata.name,
  };
}

function isSame(one: ResourceEntry, other: ResourceEntry): boolean {
  return (['group', 'kind', 'namespace', 'name'] as const).every(
    field => (one[field] ?? '') === (other[field] ?? ''),
  );
}

function rankOf({ kind }: KubernetesObject): number {
  return kind === 'Namespace' || isClusterScoped(kind) ? 0 : 1;
}
