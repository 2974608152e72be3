import {
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';

/** How a request of each kind is spoken of when it has ended; of other kinds only its name is known. */
const TITLES: Record<string, { ready: string; failed: string }> = {
  'bucket-create': {
    ready: 'Bucket {name} is ready',
    failed: 'Bucket {name} could not be made',
  },
  'bucket-change': {
    ready: 'Bucket {name} has its new quota',
    failed: 'The quota of bucket {name} could not be changed',
  },
  'access-create': {
    ready: 'Access {name} works',
    failed: 'Access {name} could not be made',
  },
  'access-revoke': {
    ready: 'Access {name} has ended',
    failed: 'Access {name} could not be ended',
  },
  'setup-enable': {
    ready: 'Storage can be asked for on tenant {name}',
    failed: 'Self-service for tenant {name} does not work',
  },
};

const OTHER = {
  ready: 'The request for {name} is done',
  failed: 'The request for {name} has failed',
};

/** The title of a notification about the end of a request; undefined where it has not ended. */
export function endingTitle({
  kind,
  state,
  subject,
}: Pick<StorageRequest, 'kind' | 'state' | 'subject'>): string | undefined {
  const titles: Partial<Record<RequestState, string>> = {
    ...(TITLES[kind] ?? OTHER),
    closed: `The request for ${subject.type} {name} was closed`,
  };
  return titles[state]?.replace('{name}', subject.name);
}
