import { SecretVerdict } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';

const sealedSecretSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    generation: z.number(),
  }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            message: z.string().optional(),
            lastTransitionTime: z.string().optional(),
          }),
        )
        .default([]),
    })
    .optional(),
});

/**
 * The controller gives up after a few tries in a second. It looks again when the SealedSecret changes, or when a Secret goes that it
 * manages, or is told to.
 */
const HINT =
  'The platform team looks at the SealedSecret. Where no key could decrypt, the controller no longer has the key of the certificate that it was sealed for, or belongs to another cluster: end the access and ask for a new one. Where a Secret of that name is not managed by it: if that Secret is in use, end the access and ask with another name. Only if it is a leftover, annotate it with sealedsecrets.bitnami.com/managed: "true" and then delete it: the controller does not notice otherwise.';

/**
 * What the sealed-secrets controller says of a SealedSecret, by its condition `Synced`; it has no reasons, only words.
 *
 * @returns undefined for what is no SealedSecret
 */
export function describeSealedSecret(item: unknown): SecretVerdict | undefined {
  const { data } = sealedSecretSchema.safeParse(item);
  if (!data) {
    return undefined;
  }
  const { metadata, status } = data;
  const { generation, name, namespace } = metadata;
  const synced = status?.conditions.find(({ type }) => type === 'Synced');
  if (!synced || (status?.observedGeneration ?? 0) < generation) {
    return {
      name,
      state: 'waiting',
      message: `The sealed-secrets controller to open SealedSecret ${namespace}/${name}, of which it has said nothing yet`,
    };
  }
  const at = synced.lastTransitionTime;
  return synced.status === 'True'
    ? { name, state: 'ready', at }
    : {
        name,
        state: 'failed',
        reason: 'NotUnsealed',
        message: `SealedSecret ${namespace}/${name}: ${
          synced.message || 'nothing says why'
        }`,
        hint: HINT,
        at,
      };
}
