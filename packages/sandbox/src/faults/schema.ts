import { z } from 'zod';

/**
 * A fault that the sandbox shows on demand. A request replaces what was set for its target before; without the optional
 * fields the target is well again.
 *
 * @public
 */
export const faultSchema = z.discriminatedUnion('target', [
  z.strictObject({
    target: z.literal('tenant'),
    /** `cluster/namespace/name`. */
    tenant: z.string(),
    /** How the server misbehaves. */
    mode: z.enum(['down', 'slow', 'starting']).optional(),
    delayMs: z.number().int().positive().optional(),
    offlineDrives: z.number().int().nonnegative().optional(),
    readOnly: z.boolean().optional(),
    /** Servers whose Pods are not ready, as the operator sees it. */
    lostServers: z.number().int().nonnegative().optional(),
  }),
  z.strictObject({
    target: z.literal('item'),
    tenant: z.string(),
    kind: z.enum(['policies', 'users', 'buckets']),
    item: z.string(),
    /** Reason and message of the operator; the item is well again without them. */
    reason: z.string().optional(),
    message: z.string().optional(),
  }),
  z.strictObject({
    target: z.literal('forge'),
    down: z.boolean().optional(),
    delayMs: z.number().int().positive().optional(),
    refuseWrites: z
      .strictObject({ status: z.number().int(), message: z.string() })
      .optional(),
  }),
  z.strictObject({
    target: z.literal('cluster'),
    cluster: z.string(),
    down: z.boolean().optional(),
    delayMs: z.number().int().positive().optional(),
    /** Cuts the watches that are open now. */
    breakWatches: z.boolean().optional(),
  }),
]);

/** @public */
export type Fault = z.output<typeof faultSchema>;
