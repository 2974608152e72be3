import {
  PageBlueprint,
  PluginHeaderActionBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiArchiveDrawerLine } from '@remixicon/react';
import { usePageTitle } from '../hooks/usePageTitle';
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

const accessSubPage = SubPageBlueprint.make({
  name: 'access',
  params: {
    path: 'access',
    title: 'Access',
    loader: () =>
      import('../components/AccessPage').then(m => inMain(<m.AccessPage />)),
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

/** In the header of all tabs. */
const requestAction = PluginHeaderActionBlueprint.make({
  name: 'request-bucket',
  params: {
    loader: () =>
      import('../components/RequestButton').then(m => <m.RequestAnyButton />),
  },
});

function inMain(page: JSX.Element) {
  return <Main>{page}</Main>;
}

/** The framework draws a header and tabs, but neither a main landmark nor a title of the document. */
function Main(props: { children: JSX.Element }) {
  usePageTitle();
  return <main>{props.children}</main>;
}

export const pageExtensions = [
  storagePage,
  // The first one opens: everyone has a use for buckets, few may see tenants.
  bucketsSubPage,
  accessSubPage,
  requestsSubPage,
  tenantsSubPage,
  requestAction,
] as const;
