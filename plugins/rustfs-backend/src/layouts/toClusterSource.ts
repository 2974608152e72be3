import { isError } from '@backstage/errors';
import {
  explainNetworkError,
  parseTenantRef,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ClusterReading,
  ProvisionedTenant,
  StorageLayout,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ClusterError } from '../kubernetes';
import { withinLimit } from '../portalServices/withinLimit';
import {
  ClusterTenantSource,
  FoundTenant,
} from '../sources/ClusterTenantSource';

/** What everything else relies on; a module need not be written in TypeScript. */
const answerSchema = z.array(
  z.looseObject({
    ref: z.string(),
    items: z.array(
      z.looseObject({
        type: z.string(),
        name: z.string(),
        verdict: z.looseObject({ state: z.string() }),
      }),
    ),
    records: z.array(z.looseObject({ bucket: z.string() })),
    accesses: z.array(z.looseObject({ access: z.string() })),
    unlisted: z.looseObject({ reason: z.string(), message: z.string() }),
    problems: z.array(z.unknown()).optional(),
  }),
);

/**
 * How a provisioner that a module brings is asked, beside the tenant sources of a cluster. It may fail or hang without hiding the
 * tenants of others: only of its own nothing is known then.
 */
export function toClusterSource({
  id,
  provisioner,
}: StorageLayout): ClusterTenantSource {
  return {
    title: provisioner.title,
    isProvisioner: true,

    async read(lister, { callTimeoutMs, configured, engines, now }) {
      const tenants = configured
        .filter(({ layout }) => layout === id)
        .map(({ ref }) => parseTenantRef(ref));
      const cluster: ClusterReading = {
        cluster: lister.cluster,
        now,
        list: (kind, namespaces) => lister.list(kind, namespaces),
        parse: (item, schema, what) => lister.parse(item, schema, what),
        locate: ({ annotations, kind, labels, name, namespace }) =>
          engines.locate({ annotations, kind, labels, name, namespace }),
      };
      const ask = async () =>
        requireAnswer(await provisioner.read(cluster, tenants));
      // A call that hangs ends before, and says which one it was.
      const timeoutMs = 2 * callTimeoutMs;
      let found: ProvisionedTenant[];
      try {
        found = await withinLimit(ask(), timeoutMs);
      } catch (error) {
        lister.problems.push({
          // What is not seen there may be there.
          code: 'source-unreadable',
          part: lister.cluster,
          message: `Layout ${id} cannot tell what is declared for ${tenants
            .map(stringifyTenantRef)
            .join(', ')}, as ${provisioner.title} cannot be asked: ${
            isError(error) && error.name !== 'TimeoutError'
              ? error.message
              : explainNetworkError(error, timeoutMs)
          }`,
          hint:
            error instanceof ClusterError
              ? error.hint
              : `See what is wrong with the backend module that adds layout ${id}.`,
        });
        return () =>
          tenants.map(tenant => ({
            facts: { ref: stringifyTenantRef(tenant) },
            isUnknown: true,
          }));
      }
      return () =>
        tenants.map((tenant): FoundTenant => {
          const ref = stringifyTenantRef(tenant);
          const said = found.find(one => one.ref === ref);
          if (!said) {
            return { facts: { ref, obstacle: { code: 'not-tracked' } } };
          }
          const { problems, ...facts } = said;
          return {
            facts: { ...facts, layout: id },
            declaredIn: {
              namespace: facts.setup?.namespace ?? tenant.namespace,
              tenant: tenant.name,
            },
            problems,
          };
        });
    },
  };
}

/** @throws Error when the rest of the portal could not read it */
function requireAnswer(answer: ProvisionedTenant[]): ProvisionedTenant[] {
  const { error } = answerSchema.safeParse(answer);
  if (error) {
    const [{ message, path }] = error.issues;
    throw new Error(
      `what it says is wrong at ${
        path.map(String).join('.') || 'the whole'
      }: ${message}`,
    );
  }
  return answer;
}
