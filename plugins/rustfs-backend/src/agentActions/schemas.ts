import {
  DATA_CLASSES,
  PortalLinks,
  REQUEST_STATES,
  RequestPreview,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { z as zod } from 'zod/v3';

/** The registry of actions hands in its own zod, of the version before. */
export type Z = typeof zod;

/** What every action that asks for something takes. */
export function askingInput(z: Z) {
  return {
    entityRef: z
      .string()
      .describe(
        'Catalog entity that it is for, for example component:default/invoices. Its owner becomes the owner; the caller needs the permission on it.',
      ),
    tenant: z
      .string()
      .describe(
        'RustFS tenant as cluster/namespace/name, for example prod/storage/media. get-entity-storage names those of an entity.',
      ),
    purpose: z
      .string()
      .describe('Why it is asked for: one line for those who review it.'),
    idempotencyKey: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .describe(
        'Any text that is new for each new request, for example a UUID. The same text again leads to the same request, so a call can be repeated safely.',
      ),
    dryRun: z
      .boolean()
      .default(false)
      .describe(
        'true: only show the pull request that would be opened, and change nothing.',
      ),
  };
}

/** What an asked-for bucket has beside its name. */
export function bucketSettings(z: Z) {
  return {
    dataClass: z
      .enum(DATA_CLASSES)
      .describe('How confidential the data is, as the company classes it.'),
    quota: z
      .string()
      .optional()
      .describe(
        'The most that the bucket may hold, a Kubernetes quantity such as 50Gi. The guardrails may require one.',
      ),
    versioning: z
      .boolean()
      .optional()
      .describe('true: keep earlier versions of objects.'),
    objectLock: z
      .boolean()
      .optional()
      .describe(
        'true: allow objects to be locked. Can only be chosen when a bucket is made, and turns versioning on.',
      ),
  };
}

/** What an access may reach. */
export function accessScope(z: Z) {
  return z.discriminatedUnion('type', [
    z
      .object({
        type: z.literal('buckets'),
        buckets: z.array(z.string()).describe('Whole buckets, by name.'),
      })
      .strict(),
    z
      .object({
        type: z.literal('pattern'),
        pattern: z
          .string()
          .describe('All buckets of a name pattern, for example loki-*.'),
      })
      .strict(),
    z
      .object({
        type: z.literal('prefix'),
        bucket: z.string(),
        prefix: z
          .string()
          .describe('Keys that begin with this, for example team-a/.'),
      })
      .strict(),
  ]);
}

/** A request as an agent gets it: where it stands and what it waits for, without the trail. */
export function requestOutput(z: Z) {
  return z.object({
    id: z.string(),
    kind: z
      .string()
      .describe(
        'bucket-create, bucket-change, access-create, access-revoke, setup-enable …',
      ),
    tenant: z.string(),
    name: z
      .string()
      .describe('Name of the bucket or the access; of a setup, the tenant.'),
    entityRef: z.string(),
    owner: z.string(),
    requestedBy: z.string(),
    state: z
      .enum(REQUEST_STATES as [string, ...string[]])
      .describe(
        'submitting, proposed (the pull request is open), merged, applied, ready; or failed, closed, withdrawn.',
      ),
    waitingFor: z.string().optional(),
    stalled: z.string().optional(),
    failure: z
      .object({ message: z.string(), hint: z.string() })
      .optional()
      .describe('Why it failed, and what to do.'),
    problems: z
      .array(z.string())
      .describe('What cannot be read at present, in words.'),
    requestPath: z.string().describe('Path of its page in the portal.'),
    pullRequestUrl: z.string().optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
  });
}

/** The pull request of a dry run. */
export function previewOutput(z: Z) {
  return z.object({
    repository: z.string(),
    title: z.string(),
    files: z.array(
      z.object({
        path: z.string(),
        operation: z.enum(['create', 'update', 'delete']),
        diff: z
          .string()
          .describe('Unified diff; what is encrypted is redacted.'),
      }),
    ),
    reviewers: z.array(z.string()),
    guardrails: z.array(z.string()),
    approvers: z
      .array(z.object({ owner: z.string(), buckets: z.array(z.string()) }))
      .describe('Owners of buckets of others, each of whom has to approve.'),
    findings: z
      .array(
        z.object({
          code: z.string(),
          message: z.string(),
          copy: z.object({ title: z.string(), text: z.string() }).optional(),
        }),
      )
      .describe('What to know, or to do, beside the pull request.'),
  });
}

export function describeRequest(request: StorageRequest, links: PortalLinks) {
  const { failure, problems, pullRequest, subject } = request;
  return {
    id: request.id,
    kind: request.kind,
    tenant: subject.tenant,
    name: subject.name,
    entityRef: request.entityRef,
    owner: request.owner,
    requestedBy: request.requestedBy,
    state: request.state,
    waitingFor: request.waitingFor,
    stalled: request.stalled,
    failure: failure && { message: failure.message, hint: failure.hint },
    problems: problems.map(({ message }) => message),
    requestPath: links.requestPath(request.id),
    pullRequestUrl: pullRequest?.url,
    createdAt: request.createdAt,
    updatedAt: request.updatedAt,
  };
}

export function describePreview(preview: RequestPreview) {
  const {
    approvers,
    files,
    findings = [],
    guardrails,
    repository,
    reviewers,
    title,
  } = preview;
  return {
    repository,
    title,
    files,
    reviewers,
    guardrails,
    approvers,
    findings,
  };
}
