import {
  BUCKET_RECORD_KEYS,
  BucketDeclared,
  Declaration,
  Declared,
  stringifyTenantRef,
  toBucketRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { insertIntoList, setText } from '../../yaml';
import { compareWithLive } from '../compareWithLive';
import { DeclaredBucket, keyOfEntry } from '../declaredList';
import { findTenant, FoundTenant, placeOf } from '../findTenant';
import { LISTS } from '../kustomize/lists';
import { joinPath } from '../paths';
import { Refused } from '../Refused';
import { Workspace } from '../Workspace';
import { Layout, LayoutInput } from './Layout';
import { writeConfigMap } from './manifests';
import { AccessPlanner, readAccesses } from './operatorTenantAccess';
import {
  FoundRecord,
  findRecords,
  folderOfRecords,
  recordFileOf,
} from './findRecords';
import { fromBucketRecordData } from './records';

/** The operator's schema takes no more. */
const MAX_BUCKETS = 1024;

/**
 * Storage that is declared for the RustFS operator. A bucket is an entry in `spec.buckets` of the Tenant and its record;
 * an access is an entry in `spec.policies` and `spec.users`, the policy in a ConfigMap, the user's Secret and its record.
 */
export const planOperatorTenant: Layout = input => {
  const { change, snapshot, target } = input;
  const workspace = new Workspace(snapshot, target);
  const tenant = findTenant(workspace.rendered, target);
  if (target.applied) {
    compareWithLive(target.applied, target);
  }
  const records = findRecords(workspace.rendered, target);
  const declared = readDeclared(tenant, records);
  const declarations = change.declare(declared);
  refuseVanished(change, declarations);

  const accesses = new AccessPlanner(input, { workspace, tenant, records });
  for (const declaration of declarations) {
    if (declaration.type === 'bucket') {
      planBucket(input, { workspace, tenant, records }, declaration);
    } else {
      accesses.plan(declaration);
    }
  }
  return accesses.needs.length
    ? { needs: accesses.needs }
    : { files: workspace.toFiles() };
};

/** What Git declares for the tenant, as far as records say it. */
function readDeclared(tenant: FoundTenant, records: FoundRecord[]): Declared {
  return {
    buckets: records
      .filter(({ type }) => type === 'bucket')
      .map(({ data }) =>
        fromBucketRecordData(
          data,
          tenant.buckets.find(({ name }) => name === data.bucket)
            ?.objectLock === true,
        ),
      ),
    accesses: readAccesses(records).map(({ access }) => access),
  };
}

/** Something that was there when it was asked about may be gone from Git by now. */
function refuseVanished(
  { edits, words }: LayoutInput['change'],
  declarations: Declaration[],
): void {
  if (edits === 'existing' && declarations.length === 0) {
    throw new Refused(
      'declared-otherwise',
      `Git does not declare it any more, so there is nothing to change (${words.title})`,
    );
  }
}

interface Place {
  workspace: Workspace;
  tenant: FoundTenant;
  records: FoundRecord[];
}

function planBucket(
  { change, target }: LayoutInput,
  { workspace, tenant, records }: Place,
  bucket: BucketDeclared,
): void {
  const record = records.find(
    ({ type, data }) => type === 'bucket' && data.bucket === bucket.name,
  );
  const entry = findEntry(tenant, bucket.name);
  if (change.edits === 'existing' && record) {
    changeRecord(workspace, record, bucket);
    return;
  }
  checkDeclared(bucket, {
    tenant,
    entry,
    record,
    ref: stringifyTenantRef(target.tenant),
  });
  if (!entry) {
    addToTenant(workspace, tenant, bucket);
  }
  if (!record) {
    const folder = folderOfRecords(records, 'bucket', {
      otherwise: joinPath(
        tenant.object.through.at(-1)?.folder ?? workspace.rendered.folder,
        'buckets',
        target.tenant.name,
      ),
    });
    const name = `bucket.${target.tenant.name}.${bucket.name}`;
    workspace.create(
      joinPath(folder, recordFileOf(bucket.name)),
      writeConfigMap({
        name,
        tenant: target.tenant,
        requestId: change.requestId,
        record: 'bucket',
        data: toBucketRecordData(bucket),
      }),
      {
        what: 'record of this bucket',
        field: 'bucket',
        kind: 'ConfigMap',
        namespace: target.tenant.namespace,
      },
    );
  }
}

/** Sets what differs in a record that is there; who wrote it, where, and what else it says stays. */
function changeRecord(
  workspace: Workspace,
  { object, data }: FoundRecord,
  bucket: BucketDeclared,
): void {
  const wanted = toBucketRecordData(bucket);
  for (const key of BUCKET_RECORD_KEYS) {
    if (data[key] !== wanted[key]) {
      workspace.edit(
        object.path,
        { line: object.line, wayOut: 'give the record' },
        text =>
          setText({
            text,
            document: object.document,
            path: [...object.at, 'data', key],
            value: wanted[key],
          }),
      );
    }
  }
}

/** An entry that is, or may be once Flux has put in its variables, that of a bucket. */
function findEntry({ object, buckets }: FoundTenant, bucket: string) {
  const entry = buckets.find(({ name }) => name === bucket);
  const perhaps = buckets.find(
    ({ name, fits }) => name === undefined && fits(bucket),
  );
  if (!entry && perhaps) {
    const place = `${object.path}:${perhaps.line}`;
    throw new Refused(
      'unsupported',
      `${place} declares bucket ${perhaps.written}, in which Flux substitutes variables whose values the portal does not know, so it cannot be told whether it is ${bucket}; write its name into the manifest, or choose another name`,
      { field: 'bucket', places: [place] },
    );
  }
  return entry;
}

/** Refuses a bucket that Git has in another way; the words tell nothing about the storage of others. */
function checkDeclared(
  bucket: BucketDeclared,
  declared: {
    tenant: FoundTenant;
    entry?: DeclaredBucket;
    record?: FoundRecord;
    ref: string;
  },
) {
  const { tenant, entry, record, ref } = declared;
  const name = `Bucket ${bucket.name}`;
  const refuse = (message: string) =>
    new Refused('declared-otherwise', message, { field: 'bucket' });
  if (entry && !record) {
    throw refuse(
      `${name} is declared for ${ref} already, in ${tenant.object.path}:${entry.line}, without a record of whose it is; choose another name`,
    );
  }
  if (!record) {
    return;
  }
  const wanted = toBucketRecordData(bucket);
  if (record.data.entity !== wanted.entity) {
    throw refuse(
      `${name} is declared for ${ref} already, for another service; choose another name`,
    );
  }
  const differences = [
    ...BUCKET_RECORD_KEYS.filter(key => record.data[key] !== wanted[key]).map(
      key =>
        `${key} is ${record.data[key] ?? 'not set'}, not ${
          wanted[key] ?? 'left out'
        }`,
    ),
    ...(entry && entry.objectLock !== bucket.objectLock
      ? [`object lock is ${writeLock(entry.objectLock)}`]
      : []),
  ];
  if (differences.length) {
    throw refuse(
      `${name} is declared for ${ref} already, in ${
        record.object.path
      }, with other settings: ${differences.join('; ')}`,
    );
  }
}

function writeLock(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? 'on' : 'off';
  }
  return `written as ${JSON.stringify(
    value,
  )}, which the operator does not take`;
}

function addToTenant(
  workspace: Workspace,
  { object, buckets }: FoundTenant,
  bucket: BucketDeclared,
): void {
  if (buckets.length >= MAX_BUCKETS) {
    throw new Refused(
      'limit',
      `${placeOf(object)} declares ${
        buckets.length
      } buckets, the operator takes at most ${MAX_BUCKETS}`,
      { places: [placeOf(object)] },
    );
  }
  workspace.edit(
    object.path,
    { line: object.line, wayOut: 'give the Tenant' },
    text =>
      insertIntoList({
        text,
        document: object.document,
        path: [...object.at, ...LISTS.buckets],
        entry: {
          name: bucket.name,
          ...(bucket.objectLock && { objectLock: true }),
        },
        keyOf: keyOfEntry,
      }),
  );
}
