import type { PolicyDocument } from './policyDocument';

export type AccountStatus = 'enabled' | 'disabled';

export interface User {
  accessKey: string;
  secretKey: string;
  status: AccountStatus;
  policies: string[];
  updatedAt: string;
}

export interface Group {
  name: string;
  status: AccountStatus;
  members: string[];
  policies: string[];
  updatedAt: string;
}

export interface CannedPolicy {
  name: string;
  document: PolicyDocument;
  /** Absent on built-in policies that were not overwritten. */
  createdAt?: string;
  updatedAt?: string;
}

export interface ServiceAccount {
  accessKey: string;
  secretKey: string;
  parent: string;
  enabled: boolean;
  policy?: PolicyDocument;
  name?: string;
  description?: string;
  /** RFC 3339. */
  expiration?: string;
}

export interface Session {
  accessKey: string;
  secretKey: string;
  parent: string;
  token: string;
  policy?: PolicyDocument;
  /** RFC 3339. */
  expiration: string;
}

/** Who a verified request comes from. */
export interface Identity {
  kind: 'root' | 'iam' | 'service-account' | 'sts';
  /** Key the request was signed with. */
  accessKey: string;
  /** The user (or root) it belongs to. */
  account: string;
  /** Narrows what the account may do. */
  policy?: PolicyDocument;
}
