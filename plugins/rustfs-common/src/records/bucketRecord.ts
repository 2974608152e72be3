import { assertError } from '@backstage/errors';
import { z } from 'zod';
import { BucketDeclared } from '../declarations';
import { parseBytes } from '../quantity';
import { json, oneLine } from './texts';

/**
 * What happens by itself to objects whose keys begin with a prefix; without one, to all. Days are whole days of age.
 *
 * @public
 */
export interface LifecycleRule {
  /** Unique in its bucket. */
  id: string;
  prefix?: string;
  expireAfterDays?: number;
  /** Of versions that are not the current one. */
  expireOldVersionsAfterDays?: number;
  /** Of uploads in parts that nobody finishes. */
  abortUploadsAfterDays?: number;
}

/**
 * How long new versions are locked where a request says nothing else.
 *
 * @public
 */
export interface DefaultRetention {
  mode: 'governance' | 'compliance';
  days: number;
}

/**
 * What a bucket record says: who owns a bucket and how it is meant to be set. What is absent is not managed.
 *
 * @public
 */
export interface BucketRecord {
  bucket: string;
  /** `group:default/checkout`. */
  owner?: string;
  /** `component:default/invoices`. */
  entity?: string;
  purpose?: string;
  dataClass?: string;
  quotaBytes?: number;
  /** False: not asked for; a bucket that has it keeps it. */
  versioning?: boolean;
  /** Only where no list beside the record says it. */
  objectLock?: boolean;
  lifecycle?: LifecycleRule[];
  tags?: Record<string, string>;
  /** Of what is stored without saying how: `sse-s3`, the keys of the server. */
  encryption?: 'sse-s3';
  retention?: DefaultRetention;
  /**
   * A setting that somebody has changed on the server is set back, or reported; undefined: as a guardrail of the portal
   * says where the portal sets it, else it is reported.
   */
  drift?: 'mend' | 'report';
  /** A bucket that is there already, made by somebody else, is taken over. */
  adopt?: boolean;
  /** Id of the request that declared it. */
  request?: string;
}

/**
 * Whether a bucket is made with object lock, by its record: what is kept for a time needs it.
 *
 * @public
 */
export function wantsLock({
  objectLock,
  retention,
}: Pick<BucketRecord, 'objectLock' | 'retention'>): boolean {
  return objectLock === true || retention !== undefined;
}

const days = z.number().int().positive();

const lifecycleSchema = z.array(
  z
    .strictObject({
      id: z.string().min(1).max(255),
      prefix: z.string().optional(),
      expireAfterDays: days.optional(),
      expireOldVersionsAfterDays: days.optional(),
      abortUploadsAfterDays: days.optional(),
    })
    .refine(
      rule =>
        rule.expireAfterDays ??
        rule.expireOldVersionsAfterDays ??
        rule.abortUploadsAfterDays,
      'Expected at least one number of days',
    ),
);

const dataSchema = z
  .object({
    bucket: z.string().min(1),
    owner: z.string().optional(),
    entity: z.string().optional(),
    purpose: z.string().optional(),
    dataClass: z.string().optional(),
    quota: z
      .string()
      .transform((text, ctx) => {
        try {
          return parseBytes(text);
        } catch (error) {
          assertError(error);
          ctx.addIssue({ code: 'custom', message: error.message });
          return z.NEVER;
        }
      })
      .optional(),
    versioning: z.enum(['enabled', 'off']).optional(),
    objectLock: z.enum(['enabled', 'off']).optional(),
    lifecycle: json(lifecycleSchema).optional(),
    tags: json(z.record(z.string().min(1), z.string())).optional(),
    encryption: z.literal('sse-s3').optional(),
    retention: json(
      z.strictObject({ mode: z.enum(['governance', 'compliance']), days }),
    ).optional(),
    drift: z.enum(['mend', 'report']).optional(),
    adopt: z.enum(['true', 'false']).optional(),
  })
  .transform(
    ({
      quota,
      versioning,
      objectLock,
      adopt,
      ...data
    }): Omit<BucketRecord, 'request'> => ({
      ...data,
      quotaBytes: quota,
      versioning: versioning && versioning === 'enabled',
      objectLock: objectLock && objectLock === 'enabled',
      adopt: adopt && adopt === 'true',
    }),
  );

/**
 * What of a record cannot be understood, and why.
 *
 * @public
 */
export interface WrongRecord {
  /** A key of the data; undefined where there is none. */
  wrong: string | undefined;
  message: string;
}

/**
 * Reads the data of the ConfigMap of a bucket record.
 *
 * @public
 */
export function readBucketRecordData(
  data: unknown,
): Omit<BucketRecord, 'request'> | WrongRecord {
  const parsed = dataSchema.safeParse(data);
  if (parsed.success) {
    return parsed.data;
  }
  const { path, message } = parsed.error.issues[0];
  return { wrong: path[0]?.toString(), message };
}

/**
 * Writes a declaration as the data of its record.
 *
 * @param options - `holdsLock`: the record says whether the bucket has object lock, as no list beside it does; `holdsDrift`: it
 *   says what becomes of drift, as whoever settles it knows of nothing but the record
 * @public
 */
export function toBucketRecordData(
  bucket: BucketDeclared,
  options: { holdsDrift?: boolean; holdsLock?: boolean } = {},
): Record<string, string> {
  const { owner = '', entity = '', purpose = '', dataClass = '' } = bucket;
  return {
    bucket: bucket.name,
    owner: oneLine(owner),
    entity: oneLine(entity),
    purpose: oneLine(purpose),
    dataClass: oneLine(dataClass),
    ...(bucket.quota && { quota: oneLine(bucket.quota) }),
    versioning: bucket.versioning ? 'enabled' : 'off',
    ...(options.holdsLock && {
      objectLock: bucket.objectLock ? 'enabled' : 'off',
    }),
    ...(options.holdsDrift && bucket.drift && { drift: bucket.drift }),
  };
}

/**
 * The keys of a record that {@link toBucketRecordData} writes; whoever changes a record leaves all others as they are.
 *
 * @public
 */
export const BUCKET_RECORD_KEYS: readonly string[] = [
  'bucket',
  'owner',
  'entity',
  'purpose',
  'dataClass',
  'quota',
  'versioning',
  'objectLock',
];
