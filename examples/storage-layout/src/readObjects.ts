import {
  AccessDeclared,
  BucketDeclared,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclaredObject } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { managerForm } from './managerForm';
import {
  bucketSpecSchema,
  madeOf,
  NOTES,
  secretOf,
  userSpecSchema,
} from './objects';

/** What a RustFSBucket declares; nothing where its name hangs on what only the GitOps engine knows. */
export function readBucket(object: DeclaredObject): BucketDeclared[] {
  const { annotations, manifest, name, namespace } = object;
  const { data: spec } = bucketSpecSchema.safeParse(manifest.spec);
  return name && spec
    ? [
        {
          type: 'bucket',
          name: madeOf(namespace, name),
          owner: annotations?.get(NOTES.owner),
          entity: annotations?.get(NOTES.entity),
          purpose: annotations?.get(NOTES.purpose),
          dataClass: annotations?.get(NOTES.dataClass),
          versioning: spec.versioning,
          objectLock: spec.objectLock,
        },
      ]
    : [];
}

/** What a RustFSBucketUser declares; nothing where the portal has not written it. */
export function readAccess(
  { annotations, manifest, name, namespace }: DeclaredObject,
  cluster: string,
): AccessDeclared[] {
  const { data: spec } = userSpecSchema.safeParse(manifest.spec);
  const access =
    name && spec && annotations
      ? toAccess(Object.fromEntries(annotations), {
          bucket: spec.bucket,
          cluster,
          name,
          namespace,
        })
      : undefined;
  return access ? [{ type: 'access', name: name!, ...access }] : [];
}

/** An access of which Git or the cluster has the object; undefined where the portal has not written it. */
export function toAccess(
  notes: Record<string, string | undefined>,
  user: { bucket: string; cluster: string; name: string; namespace: string },
): Omit<AccessDeclared, 'name' | 'policy' | 'type'> | undefined {
  const { bucket, cluster, name, namespace } = user;
  const owner = notes[NOTES.owner];
  const entity = notes[NOTES.entity];
  const mode = notes[NOTES.mode];
  const createdAt = notes[NOTES.createdAt];
  return owner && entity && mode && createdAt
    ? {
        owner,
        entity,
        purpose: notes[NOTES.purpose] ?? '',
        scope: { type: 'buckets', buckets: [madeOf(namespace, bucket)] },
        mode,
        accessKeyId: madeOf(namespace, name),
        consumer: {
          cluster,
          namespace,
          secret: secretOf(name),
          form: managerForm.id,
        },
        state: 'active',
        createdAt,
      }
    : undefined;
}
