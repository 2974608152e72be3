import { z } from 'zod';
import { AccessScope, PolicyDocument, stringifyPolicy } from '../access';
import { json } from './texts';

/** The key of a policy, as its file is called elsewhere. */
const DOCUMENT = 'policy.json';

/**
 * Where the Secret of an access is for the workload that reads it.
 *
 * @public
 */
export interface AccessConsumer {
  /** As the portal's configuration names it. */
  cluster: string;
  namespace: string;
  /** Name of the Secret. */
  secret: string;
  /** Id of a secret form. */
  form: string;
  /** Other names for keys of the form, by the name that the form gives them. */
  names?: Record<string, string>;
}

/**
 * What an access record says: who may use which buckets, how, and where the Secret with the key is. No secret is in it.
 *
 * @public
 */
export interface AccessRecord {
  /** Unique on its tenant. */
  access: string;
  owner: string;
  entity: string;
  purpose: string;
  scope: AccessScope;
  /** `read`, `write`, `read-write`, or the id of a rule of the platform team. */
  mode: string;
  /** Name of the policy on the server. */
  policy: string;
  /** The user of the server; a name, not a secret. */
  accessKeyId: string;
  consumer: AccessConsumer;
  state: 'active' | 'revoked';
  /** ISO 8601: when it was asked for, and when its end was. */
  createdAt: string;
  revokedAt?: string;
  /** What the policy says; only where no list beside the record has it. */
  document?: PolicyDocument;
  /** What somebody has changed on the server is set back; undefined: it is reported. */
  drift?: 'mend';
  /** A user that is there already, made by somebody else, is taken over. */
  adopt?: boolean;
  /** Id of the request that declared it. */
  request?: string;
}

/** The texts of a record, by key of its ConfigMap. */
type RecordData = Record<string, string>;

/**
 * Writes an access record as the data of its ConfigMap.
 *
 * @public
 */
export function toAccessRecordData(
  record: Omit<AccessRecord, 'request'>,
): Record<string, string> {
  const { consumer, scope } = record;
  return {
    access: record.access,
    owner: record.owner,
    entity: record.entity,
    purpose: record.purpose,
    ...writeScope(scope),
    mode: record.mode,
    policy: record.policy,
    accessKeyId: record.accessKeyId,
    consumer: `${consumer.cluster}/${consumer.namespace}/${consumer.secret}`,
    form: consumer.form,
    ...(consumer.names && { names: JSON.stringify(consumer.names) }),
    state: record.state,
    createdAt: record.createdAt,
    ...(record.revokedAt && { revokedAt: record.revokedAt }),
    ...(record.document && { [DOCUMENT]: stringifyPolicy(record.document) }),
    ...(record.drift && { drift: record.drift }),
    ...(record.adopt && { adopt: 'true' }),
  };
}

const namesSchema = z.record(z.string(), z.string());

const documentSchema: z.ZodType<PolicyDocument> = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z
    .array(
      z.strictObject({
        Effect: z.enum(['Allow', 'Deny']),
        Action: z.array(z.string()).min(1),
        Resource: z.array(z.string()).optional(),
        Condition: z
          .record(z.string(), z.record(z.string(), z.array(z.string())))
          .optional(),
      }),
    )
    .min(1),
});

/** A server takes a list of names, with commas, where users are given policies: one name must not pass for several. */
const POLICY_NAME = /^[\w.+=@-]{1,128}$/;

const dataSchema = z
  .object({
    access: z.string().min(1),
    owner: z.string(),
    entity: z.string(),
    purpose: z.string().default(''),
    buckets: z.string().optional(),
    pattern: z.string().optional(),
    prefix: z.string().optional(),
    mode: z.string(),
    policy: z.string().regex(POLICY_NAME),
    accessKeyId: z.string(),
    consumer: z.string().regex(/^[^/]+\/[^/]+\/[^/]+$/),
    form: z.string(),
    names: json(namesSchema).optional(),
    state: z.enum(['active', 'revoked']).default('active'),
    createdAt: z.string(),
    revokedAt: z.string().optional(),
    [DOCUMENT]: json(documentSchema).optional(),
    drift: z.enum(['mend', 'report']).optional(),
    adopt: z.enum(['true', 'false']).optional(),
  })
  .transform(
    (
      {
        buckets,
        pattern,
        prefix,
        consumer,
        form,
        names,
        drift,
        adopt,
        [DOCUMENT]: document,
        ...data
      },
      ctx,
    ): Omit<AccessRecord, 'request'> => {
      const scope = readScope({ buckets, pattern, prefix });
      if (!scope) {
        ctx.addIssue({
          code: 'custom',
          message: 'Expected buckets, a pattern, or one bucket and a prefix',
        });
        return z.NEVER;
      }
      const [cluster, namespace, secret] = consumer.split('/');
      return {
        ...data,
        scope,
        consumer: { cluster, namespace, secret, form, names },
        document,
        drift: drift === 'mend' ? drift : undefined,
        adopt: adopt && adopt === 'true',
      };
    },
  );

/**
 * Reads the data of the ConfigMap of an access record.
 *
 * @returns undefined when it is not one that can be understood
 * @public
 */
export function readAccessRecordData(
  data: unknown,
): Omit<AccessRecord, 'request'> | undefined {
  return dataSchema.safeParse(data).data;
}

function writeScope(scope: AccessScope): RecordData {
  switch (scope.type) {
    case 'buckets':
      return { buckets: scope.buckets.join(',') };
    case 'pattern':
      return { pattern: scope.pattern };
    default:
      return { buckets: scope.bucket, prefix: scope.prefix };
  }
}

function readScope(written: {
  buckets?: string;
  pattern?: string;
  prefix?: string;
}): AccessScope | undefined {
  const { buckets: list, pattern, prefix } = written;
  const buckets = (list ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(Boolean);
  if (pattern !== undefined) {
    return buckets.length || prefix !== undefined
      ? undefined
      : { type: 'pattern', pattern };
  }
  if (prefix !== undefined) {
    return buckets.length === 1
      ? { type: 'prefix', bucket: buckets[0], prefix }
      : undefined;
  }
  return buckets.length ? { type: 'buckets', buckets } : undefined;
}
