import { posix } from 'node:path';
import { isNode, isSeq } from 'yaml';
import { z } from 'zod';
import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import {
  BucketChange,
  DeclarationTarget,
  FileChange,
  RepositorySnapshot,
} from '../types';
import { insertIntoList, MAX_YAML_LENGTH, parseYaml } from '../yaml';
import {
  mayHoldRecord,
  readRecord,
  recordDataOf,
  writeRecord,
} from './bucketRecord';
import { describeFile } from './describeFile';
import {
  AppliedFile,
  AppliedFolder,
  findAppliedFiles,
  findPatch,
  Kustomization,
  readValues,
  refuseYaml,
} from './kustomize';
import { folderOf, isBelow, joinPath, normalizeFolder } from './paths';
import { Refused } from './Refused';

/** The operator's schema takes no more. */
const MAX_BUCKETS = 1024;

const entrySchema = z.looseObject({
  name: z.string(),
  objectLock: z.boolean().nullish(),
});

const tenantSchema = z.object({
  apiVersion: z.string().startsWith('rustfs.com/'),
  kind: z.literal('Tenant'),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
  }),
  spec: z
    .looseObject({ buckets: z.array(z.unknown()).nullish() })
    .nullish()
    .catch(undefined),
});

interface FoundTenant extends AppliedFile {
  document: number;
  line: number;
  buckets: DeclaredBucket[];
}

/** An entry of `spec.buckets`. */
interface DeclaredBucket {
  name?: string;
  objectLock: boolean;
  line: number;
}

/**
 * Files of a bucket where storage is declared for the RustFS operator: an entry in `spec.buckets` of the Tenant, the
 * bucket record, and its place in the kustomization.
 *
 * @returns the files that change; none when all is declared already
 * @throws Refused
 */
export function planOperatorTenant(
  change: BucketChange,
  snapshot: RepositorySnapshot,
  target: DeclarationTarget,
): FileChange[] {
  const folder = normalizeFolder(target.folder);
  const applied = findAppliedFiles(snapshot, folder);
  const tenant = findTenant(snapshot, applied, target);
  const records = findRecords(snapshot, applied, target);
  const record = records.find(({ data }) => data.bucket === change.bucket);

  const entry = findEntry(tenant, change.bucket);
  checkDeclared(change, target, {
    tenant,
    entry,
    record,
  });
  const edits = new Map<string, string>();
  if (!entry) {
    edits.set(tenant.path, addToTenant(change, snapshot, tenant));
  }
  const recordFolder =
    mostUsedFolder(records.map(({ path }) => path)) ??
    joinPath(
      tenant.through.at(-1)?.folder ?? folder,
      'buckets',
      target.tenant.name,
    );
  const path =
    record?.path ?? joinPath(recordFolder, recordFileOf(change.bucket));
  if (!record) {
    if (snapshot.files[path] || snapshot.skipped?.[path]) {
      throw new Refused(
        'declared-otherwise',
        `${path} is there already and is not applied as the record of this bucket; move it away in Git`,
        'bucket',
      );
    }
    edits.set(path, writeRecord(change, target));
  }
  const kustomization = nearestKustomization(applied, path, folder);
  if (kustomization && !record) {
    edits.set(
      kustomization.path,
      addToKustomization(snapshot, kustomization, path),
    );
  }
  return [...edits]
    .map(([file, after]) =>
      describeFile({ path: file, before: snapshot.files[file], after }),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function findTenant(
  snapshot: RepositorySnapshot,
  applied: AppliedFolder,
  target: DeclarationTarget,
): FoundTenant {
  const found = applied.files.flatMap(file =>
    findTenantsIn(snapshot, file, target),
  );
  if (found.length === 0) {
    throw refuseNotFound(snapshot, applied, target);
  }
  const [tenant] = found;
  const ref = stringifyTenantRef(target.tenant);
  if (found.length > 1) {
    const places = found.map(({ path, line }) => `${path}:${line}`).join(', ');
    throw new Refused(
      'tenant-ambiguous',
      `Tenant ${ref} is declared more than once, at ${places}; leave one of them`,
    );
  }
  if (snapshot.files[tenant.path].content.length > MAX_YAML_LENGTH) {
    throw new Refused(
      'too-large',
      `${tenant.path}:${tenant.line} is too large to be edited (over ${
        MAX_YAML_LENGTH / 1024
      } KiB); give the Tenant a file of its own`,
    );
  }
  const patch = findPatch(snapshot, tenant.through, {
    kind: 'Tenant',
    name: target.tenant.name,
    field: 'buckets',
  });
  if (patch) {
    throw new Refused(
      'tenant-elsewhere',
      `${patch} patches spec.buckets of Tenant ${ref}, so an entry in ${tenant.path} would have no effect; keep the list in the manifest`,
    );
  }
  return tenant;
}

function findTenantsIn(
  snapshot: RepositorySnapshot,
  { path, through }: AppliedFile,
  { tenant }: DeclarationTarget,
): FoundTenant[] {
  const { content } = snapshot.files[path];
  if (!mayHoldTenant(content)) {
    return [];
  }
  const parsed = (() => {
    try {
      return parseYaml(content);
    } catch (error) {
      throw refuseYaml(path, error);
    }
  })();
  return parsed.values.flatMap((value, document) => {
    const { data } = tenantSchema.safeParse(value);
    if (!data) {
      return [];
    }
    const { metadata, spec } = data;
    const name = through.reduceRight(
      (inner, { value: { namePrefix = '', nameSuffix = '' } }) =>
        namePrefix + inner + nameSuffix,
      metadata.name,
    );
    // The outermost kustomization has the last word; without any the engine's own namespace applies.
    const namespace =
      through.find(k => k.value.namespace)?.value.namespace ??
      metadata.namespace ??
      tenant.namespace;
    if (name !== tenant.name || namespace !== tenant.namespace) {
      return [];
    }
    const lineOf = (node: unknown) =>
      parsed.lines.linePos(isNode(node) ? node.range?.[0] ?? 0 : 0).line;
    const { contents } = parsed.documents[document];
    const list = parsed.documents[document].getIn(['spec', 'buckets'], true);
    const buckets = (spec?.buckets ?? []).map((item, i) => {
      const entry = entrySchema.safeParse(item).data;
      return {
        name: entry?.name,
        objectLock: Boolean(entry?.objectLock),
        line: lineOf(isSeq(list) ? list.items[i] : contents),
      };
    });
    return [{ path, through, document, line: lineOf(contents), buckets }];
  });
}

function mayHoldTenant(text: string): boolean {
  return text.includes('rustfs.com/') && text.includes('Tenant');
}

function refuseNotFound(
  snapshot: RepositorySnapshot,
  applied: AppliedFolder,
  target: DeclarationTarget,
): Refused {
  const ref = stringifyTenantRef(target.tenant);
  const where = `${normalizeFolder(target.folder) || 'the repository'} on ${
    target.baseBranch
  }`;
  const paths = Object.keys(snapshot.files);
  if (paths.length === 0) {
    return new Refused(
      'tenant-not-found',
      `There is no YAML file in ${where}, so Tenant ${ref} cannot be found`,
    );
  }
  const isApplied = new Set(applied.files.map(({ path }) => path));
  const [unused] = paths
    .filter(path => !isApplied.has(path))
    .flatMap(path => {
      try {
        return findTenantsIn(snapshot, { path, through: [] }, target);
      } catch {
        return [];
      }
    });
  const elsewhere = applied.elsewhere.length
    ? `; it may come from ${applied.elsewhere.join(
        ', ',
      )}, which the portal does not edit`
    : '';
  if (unused) {
    return new Refused(
      'tenant-elsewhere',
      `${unused.path}:${unused.line} is about Tenant ${ref}, but no kustomization lists it as a resource${elsewhere}`,
    );
  }
  const skipped = Object.entries(snapshot.skipped ?? {});
  if (skipped.length) {
    return new Refused(
      'too-large',
      `Tenant ${ref} was not found in ${where}; not read: ${skipped
        .map(([path, reason]) => `${path}:1 (${reason})`)
        .join(', ')}`,
    );
  }
  return new Refused(
    elsewhere ? 'tenant-elsewhere' : 'tenant-not-found',
    `No file in ${where} declares Tenant ${ref} (apiVersion rustfs.com/…)${elsewhere}`,
  );
}

interface FoundRecord {
  path: string;
  data: Record<string, string>;
}

function findRecords(
  snapshot: RepositorySnapshot,
  applied: AppliedFolder,
  target: DeclarationTarget,
): FoundRecord[] {
  return applied.files.flatMap(({ path }) =>
    mayHoldRecord(snapshot.files[path].content)
      ? readValues(snapshot, path).flatMap(value => {
          const data = readRecord(value, target);
          return data ? [{ path, data }] : [];
        })
      : [],
  );
}

function findEntry({ buckets }: FoundTenant, bucket: string) {
  return buckets.find(({ name }) => name === bucket);
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
    new Refused('declared-otherwise', message, 'bucket');
  if (entry && !record) {
    throw refuse(
      `${name} is declared for ${ref} already, in ${tenant.path}:${entry.line}, without a record of whose it is; choose another name`,
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
      ? [`object lock is ${entry.objectLock ? 'on' : 'off'}`]
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

function addToTenant(
  change: BucketChange,
  snapshot: RepositorySnapshot,
  tenant: FoundTenant,
): string {
  if (tenant.buckets.length >= MAX_BUCKETS) {
    throw new Refused(
      'limit',
      `${tenant.path}:${tenant.line} declares ${tenant.buckets.length} buckets, the operator takes at most ${MAX_BUCKETS}`,
    );
  }
  try {
    return insertIntoList({
      text: snapshot.files[tenant.path].content,
      document: tenant.document,
      path: ['spec', 'buckets'],
      entry: {
        name: change.bucket,
        ...(change.objectLock && { objectLock: true }),
      },
      keyOf: item => entrySchema.safeParse(item).data?.name,
    });
  } catch (error) {
    throw refuseYaml(tenant.path, error);
  }
}

/** A file that is called `kustomization.yaml` would be taken for one; no bucket begins with an underscore. */
function recordFileOf(bucket: string): string {
  return bucket === 'kustomization' ? `_${bucket}.yaml` : `${bucket}.yaml`;
}

/** The kustomization that has to list a file: the nearest above it. None where the engine takes every file. */
function nearestKustomization(
  { kustomizations }: AppliedFolder,
  path: string,
  root: string,
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
  { path, folder, value }: Kustomization,
  file: string,
): string {
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
