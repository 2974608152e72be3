import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  Entity,
} from '@backstage/catalog-model';
import {
  ANNOTATION_BUCKETS,
  ANNOTATION_TENANT,
  BucketView,
  RESOURCE_TYPE_BUCKET,
  RESOURCE_TYPE_TENANT,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { entityNames } from './entityNames';

/**
 * Of our own, so that the catalog does not take `spec.owner` for relations in both directions: see
 * `RustfsResourceProcessor`.
 */
export const API_VERSION = 'rustfs.com/v1alpha1';

/** `spec` of a tenant or bucket. */
export interface ResourceSpec {
  type: string;
  /** Entity ref of the owner. */
  ownedBy: string;
  /** Of a bucket: entity ref of the tenant that it is on. */
  tenant?: string;
}

/** Makes catalog resources of tenants, and of the buckets that are there. */
export function toResources(options: {
  tenants: TenantView[];
  buckets: BucketView[];
  defaultOwner: string;
  /** Whether the entity that a bucket is recorded for is related to it. */
  isLinked: (bucket: BucketView) => boolean;
}): Entity[] {
  const { tenants, defaultOwner, isLinked } = options;
  // What was only asked for is not a resource yet.
  const buckets = options.buckets.filter(
    ({ live, state }) => live || !['pending', 'failed'].includes(state),
  );
  const names = entityNames([
    ...tenants.map(({ ref }) => ({ id: ref })),
    ...buckets,
  ]);
  const sources = new Map(tenants.map(({ ref, source }) => [ref, source]));

  return [
    ...tenants.map((tenant): Entity => {
      const { ref } = tenant;
      return {
        apiVersion: API_VERSION,
        kind: 'Resource',
        metadata: {
          name: names.get(ref)!,
          title: ref,
          description: `Object storage on RustFS in namespace ${
            ref.split('/')[1]
          } of cluster ${ref.split('/')[0]}`,
          annotations: { ...locations(ref), [ANNOTATION_TENANT]: ref },
          links: linksOf(tenant.source?.repository),
        },
        spec: { type: RESOURCE_TYPE_TENANT, ownedBy: defaultOwner },
      };
    }),
    ...buckets.map((bucket): Entity => {
      const tenant = names.get(bucket.tenant);
      return {
        apiVersion: API_VERSION,
        kind: 'Resource',
        metadata: {
          name: names.get(bucket.id)!,
          title: bucket.name,
          description: bucket.declared?.purpose,
          annotations: {
            ...locations(bucket.id),
            [ANNOTATION_TENANT]: bucket.tenant,
            [ANNOTATION_BUCKETS]: bucket.name,
          },
          links: linksOf(sources.get(bucket.tenant)?.repository),
          tags: tagsOf(bucket.declared?.dataClass),
        },
        spec: {
          type: RESOURCE_TYPE_BUCKET,
          ownedBy: bucket.owner ?? defaultOwner,
          ...(tenant && { tenant: `resource:default/${tenant}` }),
          // The catalog shows this relation on the other entity too, to everyone who may read that one.
          ...(bucket.entity &&
            isLinked(bucket) && { dependencyOf: [bucket.entity] }),
        },
      };
    }),
  ];
}

/** Tenant ref or bucket id that a resource was made of; undefined for resources from elsewhere. */
export function idOf(entity: Entity): string | undefined {
  const location = entity.metadata.annotations?.[ANNOTATION_ORIGIN_LOCATION];
  return location?.startsWith('rustfs:')
    ? location.slice('rustfs:'.length)
    : undefined;
}

/** A resource as it was made, without what the catalog has added. */
export function withoutCatalogFields(entity: Entity): Entity {
  const { uid, etag, ...metadata } = entity.metadata;
  const { apiVersion, kind, spec } = entity;
  return { apiVersion, kind, metadata, spec };
}

function locations(id: string): Record<string, string> {
  return {
    [ANNOTATION_LOCATION]: `rustfs:${id}`,
    [ANNOTATION_ORIGIN_LOCATION]: `rustfs:${id}`,
  };
}

/** A record can be written by hand, and a tag with other characters would keep the bucket out of the catalog. */
function tagsOf(dataClass: string | undefined) {
  const tag = dataClass?.toLowerCase().replace(/[^a-z0-9+#]+/g, '-');
  return tag && tag.length <= 63 && /^[a-z0-9+#]+(-[a-z0-9+#]+)*$/.test(tag)
    ? [tag]
    : [];
}

/** The address of a repository is often one that only Git understands. */
function linksOf(repository: string | undefined) {
  return repository && /^https?:/.test(repository)
    ? [{ url: repository.replace(/\.git$/, ''), title: 'Declared in Git' }]
    : [];
}
