import { nowWithNanoseconds } from '../http/timestamps';
import type { XmlElement } from '../http/xml';
import { parsePolicy, type PolicyDocument } from '../iam/policyDocument';
import type { Database } from './Database';
import { DocumentCollection } from './DocumentCollection';

export type VersioningState = 'Enabled' | 'Suspended';

export interface Bucket {
  name: string;
  /** RFC 3339 with nanoseconds. */
  createdAt: string;
  versioning?: VersioningState;
  objectLock: boolean;
  /** Bytes. */
  quota?: number;
  /** Policy text as it was put. */
  policy?: string;
  /** Configurations that are stored and given back, by sub-resource: `lifecycle`, `cors` … */
  configurations: Record<string, XmlElement>;
}

/** The buckets and what is set on them. They are few, so all of them are kept at hand. */
export class BucketStore {
  private readonly documents: DocumentCollection<Bucket>;
  private readonly buckets: Map<string, Bucket>;
  private readonly policies = new Map<string, PolicyDocument>();

  constructor(database: Database) {
    this.documents = new DocumentCollection(database, 'buckets');
    this.buckets = new Map(
      this.documents.all().map(bucket => [bucket.name, bucket]),
    );
  }

  get(name: string): Bucket | undefined {
    return this.buckets.get(name);
  }

  /** Sorted by name. */
  all(): Bucket[] {
    return [...this.buckets.values()].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }

  create(name: string, options: { objectLock: boolean }): void {
    this.save({
      name,
      createdAt: nowWithNanoseconds(),
      objectLock: options.objectLock,
      versioning: options.objectLock ? 'Enabled' : undefined,
      configurations: options.objectLock
        ? { 'object-lock': { ObjectLockEnabled: 'Enabled' } }
        : {},
    });
  }

  save(bucket: Bucket): void {
    this.documents.put(bucket.name, bucket);
    this.buckets.set(bucket.name, bucket);
    this.policies.delete(bucket.name);
  }

  setConfiguration(
    bucket: Bucket,
    name: string,
    value: XmlElement | undefined,
  ): void {
    const { [name]: _replaced, ...others } = bucket.configurations;
    this.save({
      ...bucket,
      configurations:
        value === undefined ? others : { ...others, [name]: value },
    });
  }

  remove(name: string): void {
    this.documents.remove(name);
    this.buckets.delete(name);
    this.policies.delete(name);
  }

  policyOf(name: string): PolicyDocument | undefined {
    const text = this.buckets.get(name)?.policy;
    if (text === undefined) {
      return undefined;
    }
    const parsed = this.policies.get(name) ?? parsePolicy(text, 'bucket');
    this.policies.set(name, parsed);
    return parsed;
  }
}
