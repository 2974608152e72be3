import { z } from 'zod';
import {
  conditionsSchema,
  metadataSchema,
  ObjectCondition,
  ObjectMetadata,
} from '../../kubernetes';

/** An item that the RustFS operator provisions. */
export interface ProvisioningItem {
  name: string;
  /** `Ready`, `Pending`, `Failed` or `Retained` (not in the spec any more, still on the server). */
  state: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** A Tenant of the RustFS operator (`rustfs.com/v1alpha1`), as far as it is read. */
export interface TenantObject {
  metadata: ObjectMetadata;
  spec: {
    buckets: Array<{
      name: string;
      objectLock: boolean;
      /** Undefined where the entry does not say it; older operators have no such field. */
      versioning?: boolean;
    }>;
    /** Absent is empty, here and in the status. */
    policies?: Array<{ name: string }>;
    /** With the names of their policies on the server. */
    users?: Array<{ name: string; policies: string[] }>;
    tls?: { mode?: string };
  };
  status?: {
    /** `Ready`, `Reconciling`, `Degraded`, `Blocked`. */
    currentState?: string;
    observedGeneration?: number;
    conditions: ObjectCondition[];
    provisioning?: {
      observedGeneration?: number;
      buckets: ProvisioningItem[];
      policies?: ProvisioningItem[];
      users?: ProvisioningItem[];
    };
  };
}

const itemsSchema = z.array(
  z.object({
    name: z.string(),
    state: z.string(),
    reason: z.string().optional(),
    message: z.string().optional(),
    lastTransitionTime: z.string().optional(),
  }),
);

export const tenantSchema: z.ZodType<TenantObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    buckets: z
      .array(
        z.object({
          name: z.string(),
          objectLock: z.boolean().default(false),
          // Another type of another release makes no Tenant unreadable.
          versioning: z.boolean().optional().catch(undefined),
        }),
      )
      .default([]),
    policies: z.array(z.object({ name: z.string() })).optional(),
    users: z
      .array(
        z.object({
          name: z.string(),
          policies: z.array(z.string()).default([]),
        }),
      )
      .optional(),
    tls: z.object({ mode: z.string().optional() }).optional(),
  }),
  status: z
    .object({
      currentState: z.string().optional(),
      observedGeneration: z.number().optional(),
      conditions: conditionsSchema,
      provisioning: z
        .object({
          observedGeneration: z.number().optional(),
          buckets: itemsSchema.default([]),
          policies: itemsSchema.optional(),
          users: itemsSchema.optional(),
        })
        .optional(),
    })
    .optional(),
});
