export { settle, settleSettings } from './settle';
export type {
  KeySecret,
  SettleChange,
  Settled,
  SettleOptions,
  SettleSettingsOptions,
  Verdict,
  VersionedRecord,
} from './types';
