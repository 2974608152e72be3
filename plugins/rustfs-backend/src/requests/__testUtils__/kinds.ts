import {
  BucketRequest,
  RequestSubject,
  SECRET_FORMS,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  SecretWriter,
  SopsWriter,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  KnownTenant,
  RequestClaim,
  SetupOffer,
} from '@rustfs-portal/plugin-rustfs-node';
import { GuardrailRule } from '../../guardrails';
import { Inventory } from '../../inventory';
import { DatabaseSecretStore, RequestStore } from '../../ledger';
import {
  ACCESS_MODES,
  accessCreate,
  accessRevoke,
  bucketChange,
  bucketCreate,
  setupEnable,
} from '../kinds';
import { PolicyKeeper } from '../PolicyKeeper';
import { RequestContexts } from '../RequestContexts';
import { RequestKinds } from '../RequestKinds';
import { RequestPlanner } from '../RequestPlanner';
import { RoundPlans } from '../RoundPlans';
import { SecretSealer } from '../SecretSealer';
import { SecretWriters } from '../../secrets';

/** All requests, in each round. */
export const everyRequest: Pick<RoundPlans, 'all' | 'told'> = {
  all: async records => ({
    records,
    told: new Set(),
    shaken: new Set(),
    finish: async () => {},
  }),
  told: async () => ({
    records: [],
    told: new Set(),
    shaken: new Set(),
    finish: async () => {},
  }),
};

export const testKinds = new RequestKinds([
  bucketCreate,
  bucketChange,
  accessCreate,
  accessRevoke,
  setupEnable,
]);

/** Every request is approved as it has to be. */
export const contentPolicies: Pick<PolicyKeeper, 'keep'> = {
  keep: async record => ({
    record,
    policy: { state: 'approved', missing: [] },
    events: [],
    asked: [],
    problems: [],
  }),
};

/** What the ledger has of a request for a new bucket, beside its input. */
export function newBucket(input: BucketRequest) {
  const subject: RequestSubject = {
    type: 'bucket',
    tenant: input.tenant,
    name: input.bucket,
  };
  return { kind: 'bucket-create', subject, input, stage: 1, stages: 1 };
}

/** A tenant that has nothing and of which nothing is asked for. */
export function bareTenant(ref: string): KnownTenant {
  return {
    ref,
    buckets: [],
    accesses: [],
    requested: { bucket: [], access: [], secret: [], setup: [] },
  };
}

/** What a request for a new bucket holds. */
export function holding(bucket: string): RequestClaim[] {
  return [
    { type: 'bucket', name: bucket, holds: 'existence', field: 'bucket' },
  ];
}

export function createTestContexts(options: {
  guardrails?: GuardrailRule[];
  inventory?: Partial<Inventory>;
  setup?: SetupOffer;
  store?: Pick<RequestStore, 'listRequested'>;
}): RequestContexts {
  return new RequestContexts({
    clusters: ['atlas'],
    forms: [...SECRET_FORMS],
    guardrails: options.guardrails ?? [],
    inventory: {
      observeTenant: async (ref: string) => ({ ref, problems: [] }),
      listAccessRecords: async () => [],
      ...options.inventory,
    } as Inventory,
    modes: ACCESS_MODES,
    setup: options.setup ?? {},
    store: options.store ?? {
      listRequested: async () => ({
        bucket: [],
        access: [],
        secret: [],
        setup: [],
      }),
    },
  });
}

/** A tenant that workloads can reach. */
export const testTenant: TenantView = {
  ref: 'atlas/storage/apps',
  state: 'ready',
  endpoints: { inCluster: 'http://apps-io.storage.svc:9000' },
  asOf: '2026-01-01T00:00:00.000Z',
  freshness: 'live',
  problems: [],
};

/** Keeps nothing: for requests without Secrets. */
const noSecrets = {
  list: async () => [],
  add: async () => {},
} as Partial<DatabaseSecretStore> as DatabaseSecretStore;

export function createTestPlanner(
  options: {
    secrets?: DatabaseSecretStore;
    /** As it is known. */
    tenant?: TenantView;
    writer?: SecretWriter;
    guardrails?: GuardrailRule[];
  } = {},
): RequestPlanner {
  const {
    guardrails = [],
    secrets = noSecrets,
    tenant = testTenant,
    writer = new SopsWriter(),
  } = options;
  return new RequestPlanner({
    contexts: createTestContexts({ guardrails }),
    inventory: { getTenant: async () => tenant },
    kinds: testKinds,
    sealer: new SecretSealer({
      forms: [...SECRET_FORMS],
      store: secrets,
    }),
    secrets,
    writers: new SecretWriters({
      kinds: [
        {
          id: writer.id,
          manifestKind: writer.manifestKind,
          reads: path => writer.reads(path),
          isShownBy: () => true,
          open: async () => writer,
        },
      ],
    }),
  });
}

/** A settings task that has said nothing. */
export const silentSettings = {
  read: async () => ({}),
  settleNow: async () => {},
};
