import {
  AccessDeclared,
  ANNOTATION_REQUEST,
  BucketDeclared,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  compareWithApplied,
  DeclarationTarget,
  DeclaredObject,
  Inexpressible,
  Layout,
  LayoutInput,
  LayoutWorkspace,
  openWorkspace,
  Refused,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { expressAccess, expressBucket } from './express';
import { API_VERSION, bucketSpecSchema, madeOf, placeOf } from './objects';
import { readAccess, readBucket } from './readObjects';
import { bucketManifest, userManifest } from './manifests';

const BLUEPRINTS: Inexpressible = {
  because: 'A blueprint makes whole folders, and not one object',
  instead: 'put it where what installs the tenant is declared',
};

/**
 * Storage that is declared for rustfs-manager-operator: one object for each bucket and for each access, each in a file of
 * its own. The operator makes keys itself, so no Secret is ever in Git.
 */
export const managerLayout: Layout = {
  id: 'manager-operator',

  read: (files, target) => readDeclared(open(files, target), target),

  express(declaration, target) {
    switch (declaration.type) {
      case 'bucket':
        return expressBucket(declaration, target);
      case 'access':
        return expressAccess(declaration, target);
      default:
        return BLUEPRINTS;
    }
  },

  notes: ({ type }) =>
    type === 'access'
      ? [
          'The manager operator makes the user and his key, and writes the Secret of the workload: the key is never in Git, and the portal does not know it.',
        ]
      : [
          'The manager operator makes the bucket from its object. It looks at versioning and object lock then, and never again.',
        ],

  limits: () => ({}),

  examine(files, target) {
    try {
      proveApplied(target);
      open(files, target);
      return [];
    } catch (error) {
      if (error instanceof Refused) {
        return [{ ...error.refusal, blocks: 'everything' }];
      }
      throw error;
    }
  },

  plan(input) {
    const { change, snapshot, target } = input;
    // What `examine` finds stops the portal before.
    const workspace = open(snapshot, target);
    for (const declaration of change.declare(readDeclared(workspace, target))) {
      if (declaration.type === 'bucket') {
        planBucket(input, workspace, declaration);
      } else if (declaration.type === 'access') {
        planAccess(input, workspace, declaration);
      }
    }
    return { files: workspace.toFiles() };
  },
};

function open(
  files: RepositorySnapshot,
  target: DeclarationTarget,
): LayoutWorkspace {
  return openWorkspace(files, target, text => text.includes(API_VERSION));
}

/** The buckets that Git declares at the revision that is applied are those that the cluster has. */
function proveApplied(target: DeclarationTarget): void {
  compareWithApplied(target, {
    what: 'buckets',
    read(snapshot) {
      const { folder, objects } = open(snapshot, target);
      return {
        place: folder || 'the repository',
        names: bucketsIn(objects, target).map(object => ({
          ...object,
          name: object.name && madeOf(object.namespace, object.name),
          written: madeOf(object.namespace, object.written),
          fits: name => {
            const start = madeOf(object.namespace, '');
            return (
              name.startsWith(start) && object.fits(name.slice(start.length))
            );
          },
        })),
      };
    },
  });
}

function bucketsIn(
  objects: DeclaredObject[],
  target: DeclarationTarget,
): DeclaredObject[] {
  const { instance, namespace } = placeOf(target.tenant);
  return objects.filter(
    object =>
      object.apiVersion === API_VERSION &&
      object.kind === 'RustFSBucket' &&
      object.namespace === namespace &&
      bucketSpecSchema.safeParse(object.manifest.spec).data?.instance ===
        instance,
  );
}

function usersIn(
  objects: DeclaredObject[],
  target: DeclarationTarget,
): DeclaredObject[] {
  const { namespace } = placeOf(target.tenant);
  return objects.filter(
    object =>
      object.apiVersion === API_VERSION &&
      object.kind === 'RustFSBucketUser' &&
      object.namespace === namespace,
  );
}

function readDeclared(
  { objects }: LayoutWorkspace,
  target: DeclarationTarget,
): { buckets: BucketDeclared[]; accesses: AccessDeclared[] } {
  return {
    buckets: bucketsIn(objects, target).flatMap(readBucket),
    accesses: usersIn(objects, target).flatMap(object =>
      readAccess(object, target.tenant.cluster),
    ),
  };
}

function planBucket(
  { change, target }: LayoutInput,
  workspace: LayoutWorkspace,
  bucket: BucketDeclared,
): void {
  const { namespace } = placeOf(target.tenant);
  const found = bucketsIn(workspace.objects, target).find(object =>
    object.fits(bucket.name.slice(madeOf(namespace, '').length)),
  );
  if (found && change.edits === 'existing') {
    throw new Refused(
      'unsupported',
      `The manager operator looks at a RustFSBucket when it makes the bucket, and takes no notice of what is changed in ${found.place} afterwards: ask for a new bucket`,
      { field: 'bucket', places: [found.place] },
    );
  }
  if (found) {
    refuseOther(found, change.requestId, {
      field: 'bucket',
      what: `Bucket ${bucket.name}`,
      tenant: stringifyTenantRef(target.tenant),
    });
    return;
  }
  workspace.add(bucketManifest(workspace.folder, bucket, { change, target }));
}

function planAccess(
  { change, target }: LayoutInput,
  workspace: LayoutWorkspace,
  access: AccessDeclared,
): void {
  const found = usersIn(workspace.objects, target).find(object =>
    object.fits(access.name),
  );
  if (found) {
    refuseOther(found, change.requestId, {
      field: 'access',
      what: `Access ${access.name}`,
      tenant: stringifyTenantRef(target.tenant),
    });
    return;
  }
  workspace.add(userManifest(workspace.folder, access, { change, target }));
}

/** What this very request has brought already is well; nobody else's is touched. */
function refuseOther(
  { annotations, place }: DeclaredObject,
  requestId: string,
  { field, tenant, what }: { field: string; tenant: string; what: string },
): void {
  if (annotations?.get(ANNOTATION_REQUEST) !== requestId) {
    throw new Refused(
      'declared-otherwise',
      `${what} is declared for ${tenant} already; choose another name`,
      { field, places: [place] },
    );
  }
}
