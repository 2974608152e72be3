import { z } from 'zod';

/**
 * What is wrong with a value of a request.
 *
 * @public
 */
export interface RequestIssue {
  /** The field as the input names it: `consumer.secret`, `newBuckets.0.bucket`. */
  field: string;
  /** A sentence, without the field. */
  message: string;
}

/**
 * What the forms call the fields of requests, by the last part of their name that is among these.
 *
 * @public
 */
export const FIELD_TITLES = {
  entityRef: 'Service',
  tenant: 'Tenant',
  bucket: 'Bucket name',
  quota: 'Quota',
  versioning: 'Keep earlier versions of objects',
  objectLock: 'Allow objects to be locked',
  dataClass: 'Data class',
  purpose: 'Purpose',
  access: 'Name of the access',
  scope: 'Buckets',
  newBuckets: 'New buckets',
  mode: 'May',
  consumer: 'Secret',
  cluster: 'Cluster of the workload',
  namespace: 'Namespace of the workload',
  secret: 'Name of the Secret',
  form: 'For',
  names: 'Names of the keys',
} as const;

/**
 * Which of {@link FIELD_TITLES} a field has; undefined for one that the forms do not have.
 *
 * @public
 */
export function titledField(
  field: string,
): keyof typeof FIELD_TITLES | undefined {
  const parts = field.split('.');
  // What a scope reaches is chosen in one field, whatever it is made of.
  const known = parts[0] === 'scope' ? ['scope'] : parts.reverse();
  return known.find(
    (part): part is keyof typeof FIELD_TITLES => part in FIELD_TITLES,
  );
}

/**
 * Issues in one line for people: the title of each field as the forms have it, and what is wrong.
 *
 * @public
 */
export function describeIssues(issues: RequestIssue[]): string {
  return issues
    .map(({ field, message }) => {
      const titled = titledField(field);
      return `${titled ? FIELD_TITLES[titled] : field}: ${message}`;
    })
    .join('; ');
}

const answerSchema = z.object({
  body: z.object({
    error: z.object({
      issues: z
        .array(z.object({ field: z.string(), message: z.string() }))
        .min(1),
    }),
  }),
});

/**
 * What is wrong with which field, in an error that {@link RustfsApi} threw; undefined where the backend did not say.
 *
 * @public
 */
export function readIssues(error: unknown): RequestIssue[] | undefined {
  return answerSchema.safeParse(error).data?.body.error.issues;
}
