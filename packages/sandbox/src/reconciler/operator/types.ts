import { z } from 'zod';
import { Condition } from '../kubernetes';

const nameRef = z.object({ name: z.string() });

const poolSchema = z.looseObject({
  name: z.string(),
  servers: z.number(),
  persistence: z.looseObject({ volumesPerServer: z.number() }),
});

const policySpecSchema = z.object({
  name: z.string(),
  document: z.object({
    configMapKeyRef: z.object({ name: z.string(), key: z.string() }),
  }),
});

const userSpecSchema = z.object({
  name: z.string(),
  credsSecret: nameRef.optional(),
  policies: z.array(z.string()),
});

const bucketSpecSchema = z.object({
  name: z.string(),
  region: z.string().optional(),
  objectLock: z.boolean().optional(),
});

/** The part of a Tenant's spec that the operator stand-in acts on. */
export const tenantSpecSchema = z.object({
  image: z.string().optional(),
  credsSecret: nameRef.optional(),
  pools: z.array(poolSchema),
  policies: z.array(policySpecSchema).default([]),
  users: z.array(userSpecSchema).default([]),
  buckets: z.array(bucketSpecSchema).default([]),
});

const itemSchema = z.looseObject({
  name: z.string(),
  state: z.enum(['Pending', 'Ready', 'Failed', 'Retained']),
  reason: z.string(),
  message: z.string().optional(),
  lastTransitionTime: z.string().optional(),
  desiredHash: z.string().optional(),
  lastAppliedHash: z.string().optional(),
  lastAppliedGeneration: z.number().optional(),
  lastAppliedAccessKeyHash: z.string().optional(),
  observedSecretName: z.string().optional(),
  observedSecretResourceVersion: z.string().optional(),
  ownership: z
    .object({
      state: z.enum(['PendingCreate', 'Managed']),
      tenantUid: z.string(),
      userName: z.string(),
      accessKeyHash: z.string(),
    })
    .optional(),
});

const provisioningSchema = z.object({
  observedGeneration: z.number().optional(),
  phase: z.enum(['Pending', 'Ready', 'Failed']),
  policies: z.array(itemSchema).default([]),
  users: z.array(itemSchema).default([]),
  buckets: z.array(itemSchema).default([]),
});

export const tenantStatusSchema = z.looseObject({
  currentState: z.string().optional(),
  observedGeneration: z.number().optional(),
  conditions: z.array(z.custom<Condition>()).default([]),
  pools: z.array(z.looseObject({})).default([]),
  provisioning: provisioningSchema.optional(),
});

export type TenantSpec = z.output<typeof tenantSpecSchema>;
export type TenantStatus = z.output<typeof tenantStatusSchema>;
export type ProvisioningItem = z.output<typeof itemSchema>;
export type Provisioning = z.output<typeof provisioningSchema>;
export type PolicySpec = z.output<typeof policySpecSchema>;
export type UserSpec = z.output<typeof userSpecSchema>;
export type BucketSpec = z.output<typeof bucketSpecSchema>;

/** The kinds of items that a Tenant declares, in the order in which they are provisioned. */
export const ITEM_KINDS = ['policies', 'users', 'buckets'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** What keeps the operator from going on, with the reason that the Ready condition shows. */
export interface Refusal {
  reason: string;
  message: string;
}
