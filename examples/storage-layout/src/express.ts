import {
  AccessDeclared,
  BucketDeclared,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  DeclarationTarget,
  Inexpressible,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { managerForm } from './managerForm';
import { isReadOnly, madeOf, objectOf, placeOf, secretOf } from './objects';

/** A name of a Kubernetes object; the bucket or user that is made of it may have 63 characters. */
const MAX_NAME = 63;

export function expressBucket(
  { drift, name, quota }: BucketDeclared,
  { tenant }: DeclarationTarget,
): true | Inexpressible {
  const { namespace } = placeOf(tenant);
  if (objectOf(namespace, name) === undefined) {
    return {
      because: `The manager operator begins the name of every bucket of namespace ${namespace} with ${madeOf(
        namespace,
        '',
      )}`,
      instead: `choose a name such as ${madeOf(namespace, name)}`,
      field: 'bucket',
    };
  }
  if (quota !== undefined) {
    return {
      because:
        'A RustFSBucket has no field for a quota, so nobody would set it, and nothing would keep it',
      instead: 'leave the quota out, or ask for the bucket on another tenant',
      field: 'quota',
    };
  }
  if (drift === 'mend') {
    return {
      because:
        'The manager operator looks at a bucket once, and sets nothing back that somebody changes on the server',
      instead:
        'the platform team takes drift: mend out of the guardrails of this tenant, or the bucket goes to another one',
    };
  }
  return true;
}

export function expressAccess(
  access: AccessDeclared,
  { tenant }: DeclarationTarget,
): true | Inexpressible {
  const { consumer, mode, name, scope, state } = access;
  const { namespace } = placeOf(tenant);
  const secret = secretOf(name);
  const [bucket, ...more] = scope.type === 'buckets' ? scope.buckets : [];
  if (state === 'revoked') {
    return {
      because:
        'The manager operator takes a user off the server when his object is gone, and nothing is left that says that he has ended',
      instead: `take the RustFSBucketUser ${name} out of Git; it has cleanup: true`,
      field: 'access',
    };
  }
  if (madeOf(namespace, name).length > MAX_NAME) {
    return {
      because: `The user would be called ${madeOf(namespace, name)}`,
      instead: `choose a name with which that is at most ${MAX_NAME} characters long`,
      field: 'access',
    };
  }
  if (
    bucket === undefined ||
    more.length ||
    objectOf(namespace, bucket) === undefined
  ) {
    return {
      because: `A RustFSBucketUser is for one whole bucket of namespace ${namespace}`,
      instead: `name one bucket that begins with ${madeOf(namespace, '')}`,
      field: 'scope',
    };
  }
  if (!isReadOnly(access)) {
    return {
      because: `The manager operator has policies of its own, and none of them is what the mode ${mode} says: readOnly cannot list, and readWrite may do everything to the bucket`,
      instead:
        'choose a mode with s3:GetBucketLocation and s3:GetBucketQuota on the bucket and s3:GetObject on objects, if the platform team offers one',
      field: 'mode',
    };
  }
  if (
    consumer.cluster !== tenant.cluster ||
    consumer.namespace !== namespace ||
    consumer.secret !== secret ||
    consumer.form !== managerForm.id ||
    Object.keys(consumer.names ?? {}).length
  ) {
    return {
      because: 'The manager operator writes the Secret of the workload itself',
      instead: `choose Secret ${secret} in namespace ${namespace} of ${tenant.cluster}, in the form ${managerForm.id}`,
      field: 'consumer',
    };
  }
  return true;
}
