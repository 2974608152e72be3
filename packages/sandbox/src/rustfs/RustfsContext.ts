import type { Authenticator } from './auth/Authenticator';
import type { Authorizer } from './iam/Authorizer';
import type { IamStore } from './iam/IamStore';
import type { BlobStore } from './storage/BlobStore';
import type { BucketStore } from './storage/BucketStore';
import type { ObjectStore } from './storage/ObjectStore';
import type { UploadStore } from './storage/UploadStore';
import type { RustfsFaults } from './types';
import type { UsageScanner } from './usage/UsageScanner';

/** What a server is configured to be. */
export interface ServerSettings {
  version: string;
  drives: number;
  driveCapacity: number;
  driveDirectory: string;
  startedAt: Date;
  deploymentId: string;
}

/** Everything the handlers of one server share. */
export interface RustfsContext {
  settings: ServerSettings;
  authenticator: Authenticator;
  authorizer: Authorizer;
  iam: IamStore;
  buckets: BucketStore;
  objects: ObjectStore;
  uploads: UploadStore;
  blobs: BlobStore;
  usage: UsageScanner;
  faults(): RustfsFaults;
}
