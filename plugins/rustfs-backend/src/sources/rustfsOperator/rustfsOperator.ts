import { ClusterTenantSource } from '../ClusterTenantSource';
import { describeTenant } from './describeTenant';
import { tenantSchema } from './TenantObject';

const TENANTS = { api: '/apis/rustfs.com/v1alpha1', resource: 'tenants' };
const TENANT = { group: 'rustfs.com', version: 'v1alpha1', kind: 'Tenant' };

/** Tenants of the RustFS operator: they list buckets and users, and the operator makes them. */
export const rustfsOperator: ClusterTenantSource = {
  title: 'the RustFS operator',

  async read(lister, { isExpected, namespaces }) {
    const items = isExpected
      ? await lister.list(TENANTS, namespaces)
      : await lister.listIfPossible(TENANTS, namespaces, {
          mayBeUnknown: true,
        });
    const tenants = (items ?? []).flatMap(item =>
      lister.parse(item, tenantSchema, 'Tenant'),
    );
    // An operator of another release can say more of a bucket itself.
    const entryFields = tenants.length
      ? await lister.entryFieldsOf(TENANT, ['spec', 'buckets'])
      : undefined;
    return ({ cluster, engines, records }) =>
      Promise.all(
        tenants.map(async tenant => {
          const { namespace, name } = tenant.metadata;
          const declaredIn = { namespace, tenant: name };
          const isEncrypted =
            (tenant.spec.tls?.mode ?? 'disabled') !== 'disabled';
          return {
            object: tenant.metadata,
            declaredIn,
            facts: {
              ref: `${cluster}/${namespace}/${name}`,
              workload: { kind: 'Tenant', namespace, name },
              layout: 'operator-tenant',
              // The operator makes a bucket, and sets neither quota nor versions.
              settledBy: 'portal',
              entryFields,
              endpoints: {
                // The Service that the operator makes.
                inCluster: `http${
                  isEncrypted ? 's' : ''
                }://${name}-io.${namespace}.svc:9000`,
              },
              ...describeTenant(tenant),
              ...records.of(declaredIn),
              ...(await engines.locate({
                kind: TENANT.kind,
                ...tenant.metadata,
              })),
            },
          };
        }),
      );
  },
};
