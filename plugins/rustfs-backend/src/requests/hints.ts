import {
  parseTenantRef,
  RequestFailure,
} from '@rustfs-portal/plugin-rustfs-common';

/** What can be done about a failure. */
export type Remedy = Pick<RequestFailure, 'hint' | 'remedy' | 'command'>;

interface Failed {
  source: string;
  reason: string;
  /** `cluster/namespace/name` */
  tenant: string;
}

/** The operator does not try again after a failure of any kind; what it met on the way to the server it does not tell. */
const TRY_AGAIN =
  'It does not try again by itself: once that is mended ("request failed" means that the server did not answer), the platform team sets an annotation on the Tenant with the command below, which makes it try.';

/** What to do, by the reason of the part that refused: the RustFS operator, or the setup program. */
const HINTS: Record<string, string> = {
  CredentialSecretNotFound:
    'The Secret with the root credentials of the tenant is missing. The platform team has to apply it.',
  CredentialSecretMissingKey:
    'The Secret with the root credentials of the tenant needs the keys accesskey and secretkey. The platform team has to mend it.',
  CredentialSecretTooShort:
    'The root credentials of the tenant are too short. The platform team has to choose longer ones.',
  ProvisioningUnsupported:
    'The tenant has no root credentials to provision with: spec.credsSecret has to be set.',
  BucketCreateFailed: `The operator could not make the bucket, for the reason in the message. ${TRY_AGAIN}`,
  BucketObjectLockConflict:
    'A bucket of that name was there before, without object lock, and object lock cannot be added. Ask for another name, or have the old bucket removed first.',
  PolicyApplyFailed: `The operator could not see to the access policies of the tenant, for the reason in the message. ${TRY_AGAIN}`,
  WorkloadSecurityIncompatible:
    'The tenant runs an image that this operator does not take. The platform team has to set a fixed version.',
  SetupFailed:
    'The setup program has stopped, for the reason in the message. The platform team looks at its key, and at the policy of that user on the server; the next run tries again by itself.',
  InvalidTenantName:
    'The Tenant has a name that the operator does not take. The platform team has to name it anew.',
};

/** What to do about any other reason, by who gives it. */
const OTHER_HINTS: Record<string, string> = {
  flux: 'Ask the platform team to look at the Kustomization; Flux tries again by itself.',
  secrets:
    'Ask the platform team to look at the object that the message names, which the Secret is made of.',
  engine:
    'Ask the platform team to look at what applies the folder of the tenant; the message is in its status.',
  'setup-program':
    'Ask the platform team to mend what the message names; the setup program tries again by itself every minute.',
};

/** Reasons after which the operator waits for the Tenant to change. */
const STUCK = new Set(['BucketCreateFailed', 'PolicyApplyFailed']);

/** Reasons that another name would help against. */
const NAME_IS_TAKEN = new Set(['BucketObjectLockConflict']);

/** What can be done about a failure, by the reason of the part that refused. */
export function remedyFor({ source, reason, tenant }: Failed): Remedy {
  return {
    hint:
      HINTS[reason] ??
      OTHER_HINTS[source] ??
      'Ask the platform team to look at the Tenant; the message is in its status.',
    ...(NAME_IS_TAKEN.has(reason) && { remedy: 'another-name' as const }),
    ...(STUCK.has(reason) && { command: writeRetry(tenant) }),
  };
}

function writeRetry(tenant: string): string {
  const { namespace, name } = parseTenantRef(tenant);
  return `kubectl annotate tenant.rustfs.com ${name} --namespace ${namespace} --overwrite rustfs-portal/retry="$(date +%s)"`;
}
