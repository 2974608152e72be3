import {
  AccessScope,
  accessScopeSchema,
  formatBytes,
  parseBytes,
  TenantOffer,
  toQuantity,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';

const text = z.string().optional().catch(undefined);

/** What an access is to reach, as far as it is chosen. */
const scopeSchema = z.object({
  type: z.enum(['buckets', 'pattern', 'prefix']).catch('buckets'),
  buckets: z.array(z.string()).optional().catch(undefined),
  pattern: text,
  bucket: text,
  prefix: text,
});

/** Where the Secret of an access is to be, as far as it is filled in. */
const consumerSchema = z.object({
  cluster: text,
  namespace: text,
  secret: text,
  form: text,
  names: z.record(z.string(), z.string()).optional().catch(undefined),
});

/** Which Secret holds the key of a setup program, as far as it is filled in. */
const keySchema = z.object({
  secret: text,
  accessKey: text,
  secretKey: text,
});

/** Where the certificates of a private authority are, as far as it is filled in. */
const caSchema = z.object({ kind: text, name: text, key: text });

const formSchema = z.object({
  entityRef: z.string().optional().catch(undefined),
  tenant: z.string().optional().catch(undefined),
  bucket: z.string().optional().catch(undefined),
  quota: z.string().optional().catch(undefined),
  versioning: z.boolean().optional().catch(undefined),
  objectLock: z.boolean().optional().catch(undefined),
  purpose: z.string().optional().catch(undefined),
  dataClass: z.string().optional().catch(undefined),
  access: z.string().optional().catch(undefined),
  mode: z.string().optional().catch(undefined),
  scope: scopeSchema.optional().catch(undefined),
  consumer: consumerSchema.optional().catch(undefined),
  folder: text,
  endpoint: text,
  key: keySchema.optional().catch(undefined),
  ca: caSchema.optional().catch(undefined),
  network: text,
});

/** A scope as the form has it. */
export type ScopeForm = z.output<typeof scopeSchema>;

/** A consumer as the form has it. */
export type ConsumerForm = z.output<typeof consumerSchema>;

/** The request form as far as it is filled in. */
export type RequestForm = z.output<typeof formSchema>;

/** Reads the values that the fields of the form share; anything odd counts as not filled in. */
export function readForm(formData: unknown): RequestForm {
  return formSchema.catch({}).parse(formData);
}

/** The settings of a new bucket, without what is empty. */
export function readBucketSettings(form: RequestForm) {
  const { bucket, quota, versioning, objectLock, dataClass } = form;
  return {
    bucket,
    ...(quota && { quota }),
    versioning,
    objectLock,
    dataClass,
  };
}

/** A new bucket. */
export function readBucket(form: RequestForm) {
  const { entityRef, tenant, purpose } = form;
  return { entityRef, tenant, purpose, ...readBucketSettings(form) };
}

/** A scope without what was chosen for another type before. */
export function readScope(scope: ScopeForm | undefined) {
  const { type, buckets, pattern, bucket, prefix } = scope ?? {};
  switch (type) {
    case 'pattern':
      return { type, pattern };
    case 'prefix':
      return { type, bucket, prefix };
    default:
      return { type: 'buckets', buckets };
  }
}

/** What an access of the form reaches, once that is chosen: the bucket that is asked for with it, or those that are there. */
export function chosenScope(form: RequestForm): AccessScope | undefined {
  const { bucket, scope } = form;
  return accessScopeSchema.safeParse(
    bucket ? { type: 'buckets', buckets: [bucket] } : readScope(scope),
  ).data;
}

/** A quota as its field shows it. */
export interface QuotaParts {
  amount: number | undefined;
  unit: QuotaUnit;
}

export const QUOTA_UNITS = ['Mi', 'Gi', 'Ti'] as const;
export type QuotaUnit = (typeof QUOTA_UNITS)[number];

export function splitQuota(quota: string | undefined): QuotaParts {
  const match = /^(-?\d+(?:\.\d+)?)(Mi|Gi|Ti)$/.exec(quota ?? '');
  if (match) {
    return { amount: Number(match[1]), unit: match[2] as QuotaUnit };
  }
  try {
    const whole = toQuantity(parseBytes(quota ?? ''));
    return /^\d+(Mi|Gi|Ti)$/.test(whole)
      ? splitQuota(whole)
      : { amount: undefined, unit: 'Gi' };
  } catch {
    return { amount: undefined, unit: 'Gi' };
  }
}

export function joinQuota({ amount, unit }: QuotaParts): string | undefined {
  return amount !== undefined && Number.isFinite(amount)
    ? `${amount}${unit}`
    : undefined;
}

/** Why a quota cannot be asked for; undefined when it can. */
export function quotaIssue(
  quota: string | undefined,
  offer: TenantOffer,
): 'required' | 'notPositive' | 'tooBig' | undefined {
  if (!quota) {
    return offer.quotaRequired ? 'required' : undefined;
  }
  if (!isPositive(quota)) {
    return 'notPositive';
  }
  return offer.maxQuota && parseBytes(quota) > parseBytes(offer.maxQuota)
    ? 'tooBig'
    : undefined;
}

/** Whether an amount is more than nothing: a quota of 0 is none, and the server takes no less. */
export function isPositive(quota: string): boolean {
  const { amount } = splitQuota(quota);
  return amount === undefined ? parseBytes(quota) > 0 : amount > 0;
}

/** A Kubernetes quantity for people: `10Gi` is 10 GiB. */
export function formatQuantity(quantity: string): string {
  return formatBytes(parseBytes(quantity));
}
