import {
  BUCKET_RECORD_KEYS,
  BucketDeclared,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { setText } from '../../../yaml';
import { homeNamespaceOf } from '../../renderTarget';
import { joinPath } from '../../paths';
import { Refused } from '../../Refused';
import { Workspace } from '../../Workspace';
import { LayoutInput } from '../Layout';
import { writeConfigMap } from './manifests';
import {
  FoundRecord,
  folderOfRecords,
  RecordData,
  recordFileOf,
} from './records';

/** The bucket that a record declares; whether it has object lock is said where that is kept. */
export function toBucketDeclared(
  data: RecordData,
  objectLock: boolean,
): BucketDeclared {
  return {
    type: 'bucket',
    name: data.bucket,
    owner: data.owner,
    entity: data.entity,
    purpose: data.purpose,
    dataClass: data.dataClass,
    quota: data.quota,
    versioning: data.versioning === 'enabled',
    objectLock,
  };
}

export function findBucketRecord(
  records: FoundRecord[],
  bucket: string,
): FoundRecord | undefined {
  return records.find(
    ({ type, data }) => type === 'bucket' && data.bucket === bucket,
  );
}

/** Adds the record of a bucket where the others are. */
export function createBucketRecord(
  { change, target }: LayoutInput,
  place: { workspace: Workspace; records: FoundRecord[]; otherwise: string },
  data: RecordData,
): void {
  const { workspace, records, otherwise } = place;
  workspace.create(
    joinPath(
      folderOfRecords(records, 'bucket', { otherwise }),
      recordFileOf(data.bucket),
    ),
    writeConfigMap({
      name: `bucket.${target.tenant.name}.${data.bucket}`,
      target,
      requestId: change.requestId,
      record: 'bucket',
      data,
    }),
    {
      what: 'record of this bucket',
      field: 'bucket',
      kind: 'ConfigMap',
      namespace: homeNamespaceOf(target),
    },
  );
}

/**
 * Sets what a change differs in from the record that is there; who wrote it, where, and what else it says stays. What it
 * leaves open is not managed, and stays open while nobody asks for it.
 *
 * @param before - what the record was read as: also what it leaves open has a value there
 */
export function changeBucketRecord(
  workspace: Workspace,
  { object }: FoundRecord,
  { before, wanted }: { before: RecordData; wanted: RecordData },
): void {
  for (const key of BUCKET_RECORD_KEYS) {
    if (before[key] !== wanted[key]) {
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

/**
 * Refuses a bucket whose record in Git says something else; the words tell nothing about the storage of others.
 *
 * @param differences - what is kept beside the record and differs
 * @throws Refused
 */
export function refuseOtherRecord(
  { target }: LayoutInput,
  record: FoundRecord,
  wanted: RecordData,
  differences: string[] = [],
): void {
  const name = `Bucket ${wanted.bucket} is declared for ${stringifyTenantRef(
    target.tenant,
  )} already`;
  const refuse = (message: string) =>
    new Refused('declared-otherwise', message, { field: 'bucket' });
  if (record.data.entity !== wanted.entity) {
    throw refuse(`${name}, for another service; choose another name`);
  }
  const all = [
    ...BUCKET_RECORD_KEYS.filter(key => record.data[key] !== wanted[key]).map(
      key =>
        `${key} is ${record.data[key] ?? 'not set'}, not ${
          wanted[key] ?? 'left out'
        }`,
    ),
    ...differences,
  ];
  if (all.length) {
    throw refuse(
      `${name}, in ${record.object.path}, with other settings: ${all.join(
        '; ',
      )}`,
    );
  }
}
