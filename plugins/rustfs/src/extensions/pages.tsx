import {
  PageBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiArchiveDrawerLine } from '@remixicon/react';
import { rootRouteRef } from '../routes';

const storagePage = PageBlueprint.make({
  params: {
    path: '/rustfs',
    title: 'Object storage',
    icon: <RiArchiveDrawerLine />,
    routeRef: rootRouteRef,
  },
});

const bucketsSubPage = SubPageBlueprint.make({
  name: 'buckets',
  params: {
    path: 'buckets',
    title: 'Buckets',
    loader: () =>
      import('../components/BucketsPage').then(m => inMain(<m.BucketsPage />)),
  },
});

const requestsSubPage = SubPageBlueprint.make({
  name: 'requests',
  params: {
    path: 'requests',
    title: 'Requests',
    loader: () =>
      import('../components/RequestsPage').then(m =>
        inMain(<m.RequestsPage />),
      ),
  },
});

const tenantsSubPage = SubPageBlueprint.make({
  name: 'tenants',
  params: {
    path: 'tenants',
    title: 'Tenants',
    loader: () =>
      import('../components/TenantsPage').then(m => inMain(<m.TenantsPage />)),
  },
});

// The framework draws a header and tabs, but no main landmark.
function inMain(page: JSX.Element) {
  return <main>{page}</main>;
}

export const pageExtensions = [
  storagePage,
  // The first one opens: everyone has a use for buckets, few may see tenants.
  bucketsSubPage,
  requestsSubPage,
  tenantsSubPage,
] as const;
