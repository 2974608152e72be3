import { toError } from '@backstage/errors';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  ClusterClient,
  KubernetesApiError,
  KubernetesObject,
  ResourceType,
} from '../kubernetes';
import { isEncryptedManifest } from '../sops';
import { isClusterScoped } from './build';
import { RunError } from './kustomization';

export interface InventoryEntry {
  id: string;
  v: string;
}

/**
 * Brings built manifests to a cluster, with the words of kustomize-controller for what the API server refuses.
 */
export class Applier {
  constructor(private readonly client: ClusterClient) {}

  /** Tries every object as a dry run before the first one is written: a revision is applied whole or not at all. */
  async apply(
    manifests: KubernetesObject[],
    owner: { name: string; namespace?: string },
  ): Promise<KubernetesObject[]> {
    const prepared = manifests.map(manifest =>
      nativeSecret({
        ...manifest,
        metadata: {
          ...manifest.metadata,
          labels: {
            ...manifest.metadata.labels,
            'kustomize.toolkit.fluxcd.io/name': owner.name,
            'kustomize.toolkit.fluxcd.io/namespace': owner.namespace ?? '',
          },
        },
      }),
    );
    // Namespaces come into being first, so that the rest can be tried in them.
    const stages = [
      prepared.filter(m => isClusterScoped(m.kind)),
      prepared.filter(m => !isClusterScoped(m.kind)),
    ];
    for (const objects of stages) {
      const typed: Array<{ type: ResourceType; object: KubernetesObject }> = [];
      for (const object of objects) {
        typed.push({ type: await this.typeOf(object), object });
      }
      const changed: typeof typed = [];
      for (const target of typed) {
        if ((await this.write(target, { dryRun: true })).changed) {
          changed.push(target);
        }
      }
      for (const target of changed) {
        await this.write(target, { dryRun: false });
      }
    }
    return prepared;
  }

  private async write(
    { type, object }: { type: ResourceType; object: KubernetesObject },
    options: { dryRun: boolean },
  ) {
    try {
      return await this.client.put(type, object, options);
    } catch (error) {
      throw applyError(object, error, options.dryRun);
    }
  }

  /** The endpoint of an object's kind. */
  async typeOf(object: KubernetesObject): Promise<ResourceType> {
    const type = await this.client.resourceOf(object.apiVersion, object.kind);
    if (!type) {
      throw new RunError(
        'ReconciliationFailed',
        `${subjectOf(object)} dry-run failed: no matches for kind "${
          object.kind
        }" in version "${object.apiVersion}"\n`,
      );
    }
    return type;
  }

  /** Deletes what an earlier revision has applied and this one does not have. */
  async prune(
    earlier: InventoryEntry[],
    applied: KubernetesObject[],
  ): Promise<void> {
    const kept = new Set(applied.map(object => inventoryEntry(object).id));
    for (const { id, v } of earlier) {
      if (kept.has(id)) {
        continue;
      }
      // Names may hold underscores in no kind that is handled here.
      const [namespace, name, group, kind] = id.split('_');
      const type = await this.client.resourceOf(
        group ? `${group}/${v}` : v,
        kind,
      );
      const live =
        type && (await this.client.get(type, namespace || undefined, name));
      const keep =
        live?.metadata.annotations?.['kustomize.toolkit.fluxcd.io/prune'] ===
        'disabled';
      if (type && live && !keep) {
        await this.client.delete(type, namespace || undefined, name);
      }
    }
  }
}

/**
 * Secrets are read as the typed kind: fields that a Secret does not have are dropped, `stringData` becomes `data`. An
 * encrypted one under `data` is noticed, one under `stringData` is not and its ciphertext becomes the value.
 */
function nativeSecret(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') {
    return object;
  }
  if (isEncryptedManifest(object) && object.data) {
    throw new RunError(
      'ReconciliationFailed',
      `${subjectOf(
        object,
      )} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
    );
  }
  const values = z.record(z.string(), z.coerce.string());
  const { apiVersion, kind, metadata, type, immutable } = object;
  return {
    apiVersion,
    kind,
    metadata,
    ...(type !== undefined && { type }),
    ...(immutable !== undefined && { immutable }),
    data: {
      ...values.parse(object.data ?? {}),
      ...Object.fromEntries(
        Object.entries(values.parse(object.stringData ?? {})).map(
          ([key, value]) => [key, Buffer.from(value).toString('base64')],
        ),
      ),
    },
  };
}

/**
 * Tells of a refused object as kustomize-controller does. It uses server-side apply, which has words of its own for
 * unknown fields and for list entries that are there twice.
 */
function applyError(
  object: KubernetesObject,
  error: unknown,
  dryRun: boolean,
): Error {
  if (!(error instanceof KubernetesApiError)) {
    return toError(error);
  }
  const subject = subjectOf(object);
  const { status, reason, message } = error;
  if (status === 404) {
    return new RunError(
      'ReconciliationFailed',
      `${subject} not found: ${message}\n`,
    );
  }
  const step = dryRun ? 'dry-run' : 'apply';
  const { namespace, name } = object.metadata;
  const untyped = `${subject} ${step} failed: failed to create typed patch object (${
    namespace ? `${namespace}/` : ''
  }${name}; ${object.apiVersion}, Kind=${object.kind}):`;
  const unknown = /unknown field "([^"]+)"/.exec(message);
  if (unknown) {
    return new RunError(
      'ReconciliationFailed',
      `${untyped} .${unknown[1]}: field not declared in schema\n`,
    );
  }
  const twice =
    /([\w.[\]]+)\[\d+\]: Duplicate value: \{"(\w+)":("[^"]*")\}/.exec(message);
  if (twice) {
    const [, list, key, value] = twice;
    return new RunError(
      'ReconciliationFailed',
      `${untyped} .${list}: duplicate entries for key [${key}=${value}]\n`,
    );
  }
  return new RunError(
    'ReconciliationFailed',
    `${subject} ${step} failed${reason ? ` (${reason})` : ''}: ${message}\n`,
  );
}

/** `Tenant/apps/media`, as messages name objects. */
export function subjectOf({ kind, metadata }: KubernetesObject): string {
  return [
    kind,
    ...(metadata.namespace ? [metadata.namespace] : []),
    metadata.name,
  ].join('/');
}

/** How the inventory of a Kustomization names an object. */
export function inventoryEntry(object: KubernetesObject): InventoryEntry {
  const [v, group = ''] = object.apiVersion.split('/').reverse();
  const { namespace = '', name } = object.metadata;
  return { id: [namespace, name, group, object.kind].join('_'), v };
}

/** Tells rendered contents apart. */
export function digestOf(manifests: KubernetesObject[]): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(manifests))
    .digest('hex')}`;
}
