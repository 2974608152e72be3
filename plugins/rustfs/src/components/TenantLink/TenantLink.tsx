import { useRouteRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { tenantReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Link } from '@backstage/ui';
import { rootRouteRef } from '../../routes';

/** A tenant, linked to what is known about it for those who may see that. */
export function TenantLink(props: { tenantRef: string }) {
  const { tenantRef } = props;
  const root = useRouteRef(rootRouteRef)?.();
  const { allowed } = usePermission({ permission: tenantReadPermission });
  return root !== undefined && allowed ? (
    <Link href={`${root}/tenants?tenant=${encodeURIComponent(tenantRef)}`}>
      {tenantRef}
    </Link>
  ) : (
    <>{tenantRef}</>
  );
}
