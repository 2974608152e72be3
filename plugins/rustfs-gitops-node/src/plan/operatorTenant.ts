import { posix } from 'node:path';
import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import {
  BucketChange,
  DeclarationTarget,
  FileChange,
  RepositorySnapshot,
} from '../types';
import { insertIntoList } from '../yaml';
import { readRecord, recordDataOf, writeRecord } from './bucketRecord';
import { compareWithLive } from './compareWithLive';
import { DeclaredBucket, keyOfEntry } from './declaredList';
import { describeFile } from './describeFile';
import {
  findTenant,
  FoundTenant,
  placeOf,
  RenderedTarget,
  renderTarget,
} from './findTenant';
import { LIST } from './kustomize/applyPatch';
import { Kustomization } from './kustomize/Kustomization';
import { namespaceOf } from './kustomize/RenderedObject';
import { folderOf, isBelow, joinPath } from './paths';
import { readValues, refuseYaml } from './readValues';
import { Refused } from './Refused';
import { whySealed } from './sops';

/** The operator's schema takes no more. */
const MAX_BUCKETS = 1024;

/**
 * Files of a bucket where storage is declared for the RustFS operator: an entry in `spec.buckets` of the Tenant, the
 * bucket record, and its place in the kustomization.
 *
 * @returns the files that change; none when all is declared already
 * @throws Refused
 */
export function planOperatorTenant(
  change: BucketChange,
  all: RepositorySnapshot,
  target: DeclarationTarget,
): FileChange[] {
  const rendered = renderTarget(all, target);
  const { snapshot, folder } = rendered;
  const tenant = findTenant(rendered, target);
  if (target.applied) {
    compareWithLive(target.applied, target);
  }
  const records = findRecords(rendered, target);
  const record = records.find(({ data }) => data.bucket === change.bucket);

  const entry = findEntry(tenant, change.bucket);
  checkDeclared(change, target, { tenant, entry, record });
  const edits = new Map<string, string>();
  if (!entry) {
    edits.set(tenant.object.path, addToTenant(change, snapshot, tenant));
  }
  const recordFolder =
    mostUsedFolder(records.map(({ path }) => path)) ??
    joinPath(
      tenant.object.through.at(-1)?.folder ?? folder,
      'buckets',
      target.tenant.name,
    );
  const path =
    record?.path ?? joinPath(recordFolder, recordFileOf(change.bucket));
  if (!record) {
    if (all.files[path] || all.skipped?.[path]) {
      throw new Refused(
        'declared-otherwise',
        `${path} is there already and is not applied as the record of this bucket; move it away in Git`,
        { field: 'bucket', places: [path] },
      );
    }
    if (rendered.isLeftOut(path)) {
      throw new Refused(
        'unsupported',
        `${path}, where the record of this bucket belongs, is left out by .sourceignore or by the source of the engine; let it in`,
        { places: [path] },
      );
    }
    edits.set(path, writeRecord(change, target));
  }
  const kustomization = nearestKustomization(rendered, path);
  if (kustomization && !record) {
    edits.set(
      kustomization.path,
      addToKustomization(snapshot, kustomization, path),
    );
  }
  if (!record) {
    checkRecord(edits, { path, all, target });
  }
  return [...edits]
    .map(([file, after]) =>
      describeFile({ path: file, before: snapshot.files[file], after }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Renders what the repository would be: the new record must take part, and no patch that is for all ConfigMaps may fail
 * on it, which would keep everything else from the cluster too.
 *
 * @throws Refused
 */
function checkRecord(
  edits: Map<string, string>,
  options: { path: string; all: RepositorySnapshot; target: DeclarationTarget },
): void {
  const { path, all, target } = options;
  const files = Object.fromEntries(
    [...edits].map(([file, content]) => [file, { content, id: '' }]),
  );
  const { objects } = renderTarget(
    { ...all, files: { ...all.files, ...files } },
    target,
  );
  const records = objects.filter(object => object.path === path);
  const [by] = records.flatMap(({ demands, doubts }) => [
    ...demands,
    ...doubts.map(doubt => doubt.by),
  ]);
  if (records.length !== 1 || by !== undefined) {
    throw new Refused(
      'unsupported',
      by === undefined
        ? `${path}, the record of this bucket, would be applied ${records.length} times by the kustomizations above it; keep records where they are applied once`
        : `${by} would patch ${path} too, the record of this bucket, in a way that may fail; narrow its target`,
      { places: [by ?? path] },
    );
  }
}

interface FoundRecord {
  path: string;
  data: Record<string, string>;
}

function findRecords(
  { objects }: RenderedTarget,
  target: DeclarationTarget,
): FoundRecord[] {
  return objects.flatMap(object => {
    const data = readRecord(object.manifest, namespaceOf(object), target);
    return data ? [{ path: object.path, data }] : [];
  });
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
  change: BucketChange,
  target: DeclarationTarget,
  declared: {
    tenant: FoundTenant;
    entry?: DeclaredBucket;
    record?: FoundRecord;
  },
) {
  const { tenant, entry, record } = declared;
  const name = `Bucket ${change.bucket}`;
  const ref = stringifyTenantRef(target.tenant);
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
  const wanted = recordDataOf(change);
  if (record.data.entity !== wanted.entity) {
    throw refuse(
      `${name} is declared for ${ref} already, for another service; choose another name`,
    );
  }
  const differences = [
    ...Object.keys({ ...wanted, ...record.data })
      .filter(key => record.data[key] !== wanted[key])
      .map(
        key =>
          `${key} is ${record.data[key] ?? 'not set'}, not ${
            wanted[key] ?? 'left out'
          }`,
      ),
    ...(entry && entry.objectLock !== change.objectLock
      ? [`object lock is ${writeLock(entry.objectLock)}`]
      : []),
  ];
  if (differences.length) {
    throw refuse(
      `${name} is declared for ${ref} already, in ${
        record.path
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
  change: BucketChange,
  snapshot: RepositorySnapshot,
  { object, buckets }: FoundTenant,
): string {
  if (buckets.length >= MAX_BUCKETS) {
    throw new Refused(
      'limit',
      `${placeOf(object)} declares ${
        buckets.length
      } buckets, the operator takes at most ${MAX_BUCKETS}`,
      { places: [placeOf(object)] },
    );
  }
  checkSeal(snapshot, object.path, object.line, 'give the Tenant');
  try {
    return insertIntoList({
      text: snapshot.files[object.path].content,
      document: object.document,
      path: [...object.at, ...LIST],
      entry: {
        name: change.bucket,
        ...(change.objectLock && { objectLock: true }),
      },
      keyOf: keyOfEntry,
    });
  } catch (error) {
    throw refuseYaml(object.path, error);
  }
}

/** @throws Refused when the file is one that only SOPS may change */
function checkSeal(
  snapshot: RepositorySnapshot,
  path: string,
  line: number,
  wayOut: string,
): void {
  const why = whySealed(readValues(snapshot, path));
  if (why) {
    const place = `${path}:${line}`;
    throw new Refused(
      'unsupported',
      `${place} ${why}; ${wayOut} a file of its own, without SOPS`,
      { places: [place] },
    );
  }
}

/** A file that is called `kustomization.yaml` would be taken for one; no bucket begins with an underscore. */
function recordFileOf(bucket: string): string {
  return bucket === 'kustomization' ? `_${bucket}.yaml` : `${bucket}.yaml`;
}

/** The kustomization that has to list a file: the nearest above it. None where the engine takes every file. */
function nearestKustomization(
  { kustomizations, folder: root }: RenderedTarget,
  path: string,
): Kustomization | undefined {
  let folder = folderOf(path);
  while (
    !kustomizations.has(folder) &&
    folder !== root &&
    isBelow(folder, root)
  ) {
    folder = folderOf(folder);
  }
  return kustomizations.get(folder);
}

function addToKustomization(
  snapshot: RepositorySnapshot,
  { path, folder, value, unknown }: Kustomization,
  file: string,
): string {
  if (unknown.length) {
    throw new Refused(
      'unsupported',
      `${path}:1 has fields that the portal does not know (${unknown.join(
        ', ',
      )}), so nothing is added to it; write the fields of kustomize as its documentation does`,
      { places: [`${path}:1`] },
    );
  }
  checkSeal(snapshot, path, 1, 'give what is encrypted');
  const plainOf = (item: unknown) =>
    typeof item === 'string' ? item.replace(/^(\.\/)+/, '') : undefined;
  const resources = value.resources ?? [];
  const dotted =
    resources.length > 0 && resources.every(item => item.startsWith('./'));
  const relative = posix.relative(folder || '.', file);
  try {
    return insertIntoList({
      text: snapshot.files[path].content,
      document: 0,
      path: ['resources'],
      entry: dotted ? `./${relative}` : relative,
      keyOf: plainOf,
    });
  } catch (error) {
    throw refuseYaml(path, error);
  }
}

/** Where records are kept here already: the folder that has most of them. */
function mostUsedFolder(paths: string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const path of paths) {
    counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  }
  return [...counts].sort(
    ([a, n], [b, m]) => m - n || (a < b ? -1 : 1),
  )[0]?.[0];
}
