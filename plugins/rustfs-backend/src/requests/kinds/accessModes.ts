import { MODE_ACTIONS } from '@rustfs-portal/plugin-rustfs-common';
import { AccessMode } from '@rustfs-portal/plugin-rustfs-node';

/** The modes that every portal has; the platform team may add its own. */
export const ACCESS_MODES: AccessMode[] = [
  {
    id: 'read',
    title: 'Read',
    description: 'read and list objects',
    actions: MODE_ACTIONS.read,
  },
  {
    id: 'write',
    title: 'Write',
    description: 'write and delete objects, and neither read nor list them',
    actions: MODE_ACTIONS.write,
  },
  {
    id: 'read-write',
    title: 'Read and write',
    description: 'read, list, write and delete objects',
    actions: MODE_ACTIONS['read-write'],
  },
];
