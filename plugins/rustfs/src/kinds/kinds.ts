import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { accessCreate } from './accessCreate';
import { accessRevoke } from './accessRevoke';
import { bucketChange } from './bucketChange';
import { bucketCreate } from './bucketCreate';
import { KindDefinition, RequestKindView } from './KindView';
import { setupEnable } from './setupEnable';
import { describeUnknownKind } from './unknownKind';

const KINDS = [
  bucketCreate,
  bucketChange,
  accessCreate,
  accessRevoke,
  setupEnable,
];

/** What the pages have to know of a request of its kind; of a kind that another package adds, what can be told of any. */
export function kindOf(request: StorageRequest): RequestKindView {
  return findKind(request.kind)?.of(request) ?? describeUnknownKind(request);
}

/** A kind by its id, for its form. */
export function findKind(id: string): KindDefinition | undefined {
  return KINDS.find(({ kind }) => kind === id);
}
