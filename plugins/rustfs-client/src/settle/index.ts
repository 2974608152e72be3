export { OTHERS_PER_RUN } from './chooseRecords';
export { settle } from './settle';
export type {
  KeySecret,
  Settled,
  SettleOptions,
  Verdict,
  VersionedRecord,
} from './types';
