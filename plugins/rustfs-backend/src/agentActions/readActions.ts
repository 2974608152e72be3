import { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  AccessView,
  BucketView,
  PortalLinks,
  Problem,
  REQUEST_STATES,
  scopeNames,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';
import { Access } from '../access';
import { readEntityStorage, RequestDoor } from '../doors';
import { Inventory } from '../inventory';
import { describeRequest, requestOutput } from './schemas';

const READING = { readOnly: true, destructive: false, idempotent: true };

/** Registers the actions that read: the storage of an entity, and requests. */
export function registerReadActions(options: {
  access: Access;
  actionsRegistry: ActionsRegistryService;
  door: RequestDoor;
  forms: SecretForm[];
  inventory: Inventory;
  links: PortalLinks;
}): void {
  const { actionsRegistry, door, links } = options;

  actionsRegistry.register({
    name: 'get-entity-storage',
    title: 'Get the storage of an entity',
    description:
      'Returns the RustFS tenants, buckets and accesses of one catalog entity, with usage, quota and state, and whether the caller may ask for more. Holds no keys.',
    attributes: READING,
    schema: {
      input: z =>
        z
          .object({
            entityRef: z
              .string()
              .describe('Entity, for example component:default/invoices.'),
          })
          .strict(),
      output: z =>
        z.object({
          entityRef: z.string(),
          asOf: z.string().describe('When this was true.'),
          freshness: z.enum(['live', 'stale']),
          mayRequest: z
            .boolean()
            .describe('Whether the caller may ask for buckets here.'),
          mayRequestAccess: z
            .boolean()
            .describe('Whether the caller may ask for accesses here.'),
          tenants: z.array(z.object({ ref: z.string(), state: z.string() })),
          buckets: z.array(
            z.object({
              tenant: z.string(),
              name: z.string(),
              state: z.string(),
              owner: z.string().optional(),
              endpoint: z.string().optional(),
              sizeBytes: z.number().optional().describe('Absent: not known.'),
              objects: z.number().optional().describe('Absent: not known.'),
              quotaBytes: z
                .number()
                .optional()
                .describe('Absent: none is set, or not known.'),
            }),
          ),
          accesses: z.array(
            z.object({
              tenant: z.string(),
              name: z.string(),
              state: z.string(),
              mode: z.string(),
              reaches: z.array(z.string()),
              namespace: z.string(),
              secret: z.string().describe('Name of the Secret.'),
            }),
          ),
          problems: z
            .array(z.string())
            .describe('What is missing or may be wrong, in words.'),
        }),
    },
    async action({ credentials, input }) {
      const storage = await readEntityStorage(
        options,
        credentials,
        input.entityRef,
      );
      const { accesses, buckets, problems, tenants, ...rest } = storage;
      return {
        output: {
          ...rest,
          tenants: tenants.map(({ ref, state }) => ({ ref, state })),
          buckets: buckets.map(describeBucket),
          accesses: accesses.map(describeAccess),
          problems: problems.map(describeProblem),
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'list-requests',
    title: 'List storage requests',
    description:
      'Returns storage requests that the caller may see, newest first, with state and what each waits for.',
    attributes: READING,
    schema: {
      input: z =>
        z
          .object({
            entityRef: z
              .string()
              .optional()
              .describe('Only those for this entity.'),
            states: z
              .array(z.enum(REQUEST_STATES as [string, ...string[]]))
              .optional()
              .describe('Only those in one of these states.'),
            mine: z
              .boolean()
              .default(false)
              .describe('true: only those of the caller.'),
            limit: z.number().int().min(1).max(200).default(50),
            cursor: z
              .string()
              .optional()
              .describe('nextCursor of the answer before.'),
          })
          .strict(),
      output: z =>
        z.object({
          requests: z.array(requestOutput(z)),
          total: z.number(),
          nextCursor: z.string().optional(),
        }),
    },
    async action({ credentials, input }) {
      const { mine, states, ...query } = input;
      const { items, nextCursor, total } = await door.list(credentials, {
        ...query,
        state: states,
        mine: String(mine),
      });
      return {
        output: {
          requests: items.map(request => describeRequest(request, links)),
          total,
          nextCursor,
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'get-request',
    title: 'Get a storage request',
    description:
      'Returns one storage request: its state, what it waits for, its pull request. Call it again to follow a request until it is ready, which takes as long as people review.',
    attributes: READING,
    schema: {
      input: z =>
        z.object({ id: z.string().describe('Id of the request.') }).strict(),
      output: requestOutput,
    },
    async action({ credentials, input }) {
      const request = await door.get(credentials, input.id);
      return { output: describeRequest(request, links) };
    },
  });
}

function describeBucket(bucket: BucketView) {
  const { endpoint, live, name, owner, state, tenant } = bucket;
  return {
    tenant,
    name,
    state,
    owner,
    endpoint,
    sizeBytes: live?.sizeBytes,
    objects: live?.objects,
    quotaBytes: live?.quotaBytes,
  };
}

function describeAccess({
  consumer,
  mode,
  name,
  scope,
  state,
  tenant,
}: AccessView) {
  return {
    tenant,
    name,
    state,
    mode,
    reaches: scopeTexts(scope),
    namespace: consumer.namespace,
    secret: consumer.secret,
  };
}

function scopeTexts(scope: AccessView['scope']): string[] {
  return scope.type === 'prefix'
    ? [`${scope.bucket}/${scope.prefix}`]
    : scopeNames(scope);
}

function describeProblem({ hint, message }: Problem): string {
  return hint ? `${message}. ${hint}` : message;
}
