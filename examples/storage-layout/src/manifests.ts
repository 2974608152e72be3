import {
  AccessDeclared,
  ANNOTATION_REQUEST,
  BucketDeclared,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  DeclarationTarget,
  NewObject,
  StorageChange,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { posix } from 'node:path';
import { stringify } from 'yaml';
import { API_VERSION, NOTES, objectOf, placeOf } from './objects';

interface Asked {
  change: StorageChange;
  target: DeclarationTarget;
}

export function bucketManifest(
  folder: string,
  bucket: BucketDeclared,
  { change, target }: Asked,
): NewObject {
  const { instance, namespace } = placeOf(target.tenant);
  const name = objectOf(namespace, bucket.name)!;
  return {
    ...write(folder, {
      kind: 'RustFSBucket',
      name,
      namespace,
      notes: {
        [ANNOTATION_REQUEST]: change.requestId,
        [NOTES.owner]: bucket.owner,
        [NOTES.entity]: bucket.entity,
        [NOTES.purpose]: bucket.purpose,
        [NOTES.dataClass]: bucket.dataClass,
      },
      spec: {
        instance,
        versioning: bucket.versioning,
        objectLock: bucket.objectLock,
      },
    }),
    what: 'RustFSBucket of this bucket',
    field: 'bucket',
  };
}

export function userManifest(
  folder: string,
  access: AccessDeclared,
  { change, target }: Asked,
): NewObject {
  const { namespace } = placeOf(target.tenant);
  const [bucket] = access.scope.type === 'buckets' ? access.scope.buckets : [];
  return {
    ...write(folder, {
      kind: 'RustFSBucketUser',
      name: access.name,
      namespace,
      notes: {
        [ANNOTATION_REQUEST]: change.requestId,
        [NOTES.owner]: access.owner,
        [NOTES.entity]: access.entity,
        [NOTES.purpose]: access.purpose,
        [NOTES.mode]: access.mode,
        [NOTES.createdAt]: access.createdAt,
      },
      // When the object goes, so does the user: a key that nobody declares must not work.
      spec: {
        bucket: objectOf(namespace, bucket),
        access: 'readOnly',
        cleanup: true,
      },
    }),
    what: 'RustFSBucketUser of this access',
    field: 'access',
  };
}

/** One object in a file of its own, below the folder that the GitOps engine applies. */
function write(
  folder: string,
  object: {
    kind: string;
    name: string;
    namespace: string;
    notes: Record<string, string | undefined>;
    spec: Record<string, unknown>;
  },
): Pick<NewObject, 'content' | 'kind' | 'name' | 'namespace' | 'path'> {
  const { kind, name, namespace, notes, spec } = object;
  return {
    kind,
    name,
    namespace,
    // No file of a request may be called as a kustomization is.
    path: posix.join(
      folder,
      `${kind.toLowerCase()}s`,
      `${name}.${kind.toLowerCase()}.yaml`,
    ),
    content: stringify({
      apiVersion: API_VERSION,
      kind,
      metadata: {
        name,
        namespace,
        labels: { 'app.kubernetes.io/managed-by': 'rustfs-portal' },
        annotations: {
          ...notes,
          // Flux would put its variables into what people write.
          'kustomize.toolkit.fluxcd.io/substitute': 'disabled',
        },
      },
      spec,
    }),
  };
}
