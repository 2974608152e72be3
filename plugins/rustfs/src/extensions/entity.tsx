import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import {
  ANNOTATION_BUCKETS,
  ANNOTATION_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import { RiArchiveDrawerLine } from '@remixicon/react';
import { storageTabRouteRef } from '../routes';

const storageCard = EntityCardBlueprint.make({
  name: 'storage',
  params: {
    type: 'info',
    filter: {
      $any: [
        { [`metadata.annotations.${ANNOTATION_TENANT}`]: { $exists: true } },
        { [`metadata.annotations.${ANNOTATION_BUCKETS}`]: { $exists: true } },
      ],
    },
    loader: () =>
      import('../components/StorageCard').then(m => <m.StorageCard />),
  },
});

// Not only where there is an annotation: without one the tab says what to add.
const storageContent = EntityContentBlueprint.make({
  name: 'storage',
  params: {
    path: '/storage',
    title: 'Storage',
    group: 'operation',
    icon: <RiArchiveDrawerLine />,
    routeRef: storageTabRouteRef,
    filter: { kind: { $in: ['component', 'resource', 'system'] } },
    loader: () =>
      import('../components/StorageTab').then(m => <m.StorageTab />),
  },
});

export const entityExtensions = [storageCard, storageContent] as const;
