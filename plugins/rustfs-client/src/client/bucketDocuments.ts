import type { LifecycleRule } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { LiveLifecycle, LiveObjectLock } from './ProvisioningClient';

/*
 * The settings of a bucket as S3 writes them, in XML: every value is a text, and an element that stands once is no list.
 */

const DAYS_PER_YEAR = 365;

function list<T>(item: z.ZodType<T>) {
  return z
    .union([z.array(item), item.transform(one => [one]), z.literal('')])
    .transform(items => items || []);
}

const days = z.coerce.number().int().positive();

/** A rule that says more than this is one of somebody else. */
const ruleSchema = z
  .strictObject({
    ID: z.string(),
    Status: z.literal('Enabled'),
    Prefix: z.string().optional(),
    Filter: z
      .union([z.literal(''), z.strictObject({ Prefix: z.string().optional() })])
      .optional(),
    Expiration: z.strictObject({ Days: days }).optional(),
    NoncurrentVersionExpiration: z
      .strictObject({ NoncurrentDays: days })
      .optional(),
    AbortIncompleteMultipartUpload: z
      .strictObject({ DaysAfterInitiation: days })
      .optional(),
  })
  .transform((rule): LifecycleRule => {
    const prefix = (rule.Filter || undefined)?.Prefix || rule.Prefix;
    return {
      id: rule.ID,
      ...(prefix && { prefix }),
      ...(rule.Expiration && { expireAfterDays: rule.Expiration.Days }),
      ...(rule.NoncurrentVersionExpiration && {
        expireOldVersionsAfterDays:
          rule.NoncurrentVersionExpiration.NoncurrentDays,
      }),
      ...(rule.AbortIncompleteMultipartUpload && {
        abortUploadsAfterDays:
          rule.AbortIncompleteMultipartUpload.DaysAfterInitiation,
      }),
    };
  });

/** `GET /{bucket}?lifecycle`. */
export const lifecycleAnswer = z
  .object({ Rule: list(z.looseObject({})).optional() })
  .transform(({ Rule = [] }): LiveLifecycle => {
    const rules = Rule.flatMap(rule => ruleSchema.safeParse(rule).data ?? []);
    return { rules, hasOthers: rules.length < Rule.length };
  });

export function lifecycleDocument(rules: LifecycleRule[]) {
  return {
    Rule: rules.map(rule => ({
      ID: rule.id,
      Filter: { Prefix: rule.prefix ?? '' },
      Status: 'Enabled',
      ...(rule.expireAfterDays && {
        Expiration: { Days: rule.expireAfterDays },
      }),
      ...(rule.expireOldVersionsAfterDays && {
        NoncurrentVersionExpiration: {
          NoncurrentDays: rule.expireOldVersionsAfterDays,
        },
      }),
      ...(rule.abortUploadsAfterDays && {
        AbortIncompleteMultipartUpload: {
          DaysAfterInitiation: rule.abortUploadsAfterDays,
        },
      }),
    })),
  };
}

const tagSchema = z.object({ Key: z.string(), Value: z.string().default('') });

/** `GET /{bucket}?tagging`. */
export const tagsAnswer = z
  .object({
    TagSet: z
      .union([z.literal(''), z.object({ Tag: list(tagSchema).optional() })])
      .optional(),
  })
  .transform(
    ({ TagSet }): Record<string, string> =>
      Object.fromEntries(
        ((TagSet || undefined)?.Tag ?? []).map(({ Key, Value }) => [
          Key,
          Value,
        ]),
      ),
  );

export function tagsDocument(tags: Record<string, string>) {
  return {
    TagSet: {
      Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    },
  };
}

/** `GET /{bucket}?encryption`. */
export const encryptionAnswer = z
  .object({
    Rule: list(
      z.object({
        ApplyServerSideEncryptionByDefault: z
          .object({ SSEAlgorithm: z.string() })
          .optional(),
      }),
    ).optional(),
  })
  .transform(({ Rule = [] }) => {
    switch (Rule[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm) {
      case undefined:
        return undefined;
      case 'AES256':
        return 'sse-s3';
      case 'aws:kms':
        return 'sse-kms';
      default:
        return 'other';
    }
  });

export const SSE_S3_DOCUMENT = {
  Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
};

/** `GET /{bucket}?object-lock`. */
export const objectLockAnswer = z
  .object({
    ObjectLockEnabled: z.string().optional(),
    Rule: z
      .object({
        DefaultRetention: z
          .object({
            Mode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
            Days: days.optional(),
            Years: days.optional(),
          })
          .optional(),
      })
      .optional(),
  })
  .transform(({ ObjectLockEnabled, Rule }): LiveObjectLock | undefined => {
    if (ObjectLockEnabled !== 'Enabled') {
      return undefined;
    }
    const { Mode, Days, Years } = Rule?.DefaultRetention ?? {};
    const length = Days ?? (Years && Years * DAYS_PER_YEAR);
    return Mode && length
      ? {
          retention: {
            mode: Mode === 'GOVERNANCE' ? 'governance' : 'compliance',
            days: length,
          },
        }
      : {};
  });

export function objectLockDocument({ retention }: LiveObjectLock) {
  return {
    ObjectLockEnabled: 'Enabled',
    ...(retention && {
      Rule: {
        DefaultRetention: {
          Mode: retention.mode.toUpperCase(),
          Days: retention.days,
        },
      },
    }),
  };
}

/** `GET /`. */
export const bucketListAnswer = z
  .object({
    Buckets: z
      .union([
        z.literal(''),
        z.object({ Bucket: list(z.object({ Name: z.string() })).optional() }),
      ])
      .optional(),
  })
  .transform(({ Buckets }) =>
    ((Buckets || undefined)?.Bucket ?? []).map(({ Name }) => Name),
  );
