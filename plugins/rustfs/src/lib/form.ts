import {
  BucketRequestInput,
  bucketRequestSchema,
  formatBytes,
  parseBytes,
  TenantOffer,
  toQuantity,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';

const formSchema = z.object({
  entityRef: z.string().optional().catch(undefined),
  tenant: z.string().optional().catch(undefined),
  bucket: z.string().optional().catch(undefined),
  quota: z.string().optional().catch(undefined),
  versioning: z.boolean().optional().catch(undefined),
  objectLock: z.boolean().optional().catch(undefined),
  purpose: z.string().optional().catch(undefined),
  dataClass: z.string().optional().catch(undefined),
});

/** The request form as far as it is filled in. */
export type RequestForm = z.output<typeof formSchema>;

/** Reads the values that the fields of the form share; anything odd counts as not filled in. */
export function readForm(formData: unknown): RequestForm {
  return formSchema.catch({}).parse(formData);
}

/** The request that the form makes, once everything that is needed is filled in. */
export function toRequest(form: RequestForm): BucketRequestInput | undefined {
  const { quota, ...rest } = form;
  const parsed = bucketRequestSchema.safeParse({
    ...rest,
    ...(quota && { quota }),
  });
  return parsed.success ? parsed.data : undefined;
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
