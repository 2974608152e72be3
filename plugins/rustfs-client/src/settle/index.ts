export { settle } from './settle';
export type {
  KeySecret,
  Settled,
  SettleOptions,
  Verdict,
  VersionedRecord,
} from './types';
