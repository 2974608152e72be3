import { useApi } from '@backstage/frontend-plugin-api';
import { tenantReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Container } from '@backstage/ui';
import { rustfsApiRef } from '../../api';
import { useLoaded } from '../../hooks/useLoaded';
import { useOpenItem } from '../../hooks/useOpenItem';
import { usePolling } from '../../hooks/usePolling';
import { LoadedFrame } from '../LoadedFrame';
import { TenantDialog } from '../TenantDialog';
import { TenantTable } from '../TenantTable';

const POLL_MS = 30_000;

/** All tenants and how they are. */
export function TenantsPage() {
  const rustfsApi = useApi(rustfsApiRef);
  const tenants = useLoaded('tenants', signal =>
    rustfsApi.listTenants({ signal }),
  );
  const [openRef, setOpenRef] = useOpenItem('tenant');
  usePolling(() => !tenants.isLoading && tenants.reload(), {
    isActive: Boolean(tenants.value),
    intervalMs: POLL_MS,
  });
  return (
    <Container>
      <LoadedFrame
        loaded={tenants}
        permission={tenantReadPermission.name}
        problems={tenants.value?.problems}
        freshness={tenants.value?.freshness}
      >
        <TenantTable
          tenants={tenants.value?.items}
          onOpen={tenant => setOpenRef(tenant.ref)}
        />
        <TenantDialog
          tenant={tenants.value?.items.find(t => t.ref === openRef)}
          onClose={() => setOpenRef(undefined)}
        />
      </LoadedFrame>
    </Container>
  );
}
