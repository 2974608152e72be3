import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { Fact } from '../components/FactList';
import { RequestKindView } from './KindView';

/** What every request has, and what is said of it elsewhere. */
const SAID_OF_ALL = ['entityRef', 'tenant', 'purpose'];

/** What can be told of a request whose kind the pages do not know. */
export function describeUnknownKind(request: StorageRequest): RequestKindView {
  return {
    title: () => request.kind,
    ready: t => t('kind.unknown.ready'),
    facts: () =>
      Object.entries(request.input).flatMap(([name, value]): Fact[] =>
        SAID_OF_ALL.includes(name) || typeof value === 'object'
          ? []
          : [[name, String(value)]],
      ),
    isShown: () => true,
  };
}
