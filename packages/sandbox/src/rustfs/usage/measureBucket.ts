/** Counts of one bucket as of one measurement. */
export interface BucketUsage {
  /** Bytes, noncurrent versions included. */
  size: number;
  /** Keys, also those whose latest version is a delete marker. */
  objects: number;
  /** Versions that have an id; what was written without versioning is not among them. */
  versions: number;
  deleteMarkers: number;
  sizeHistogram: Record<string, number>;
  versionHistogram: Record<string, number>;
}

export interface MeasuredVersion {
  key: string;
  versionId: string;
  isDeleteMarker: boolean;
  size: number;
}

const KIB = 1024;
const MIB = KIB * KIB;

/** Upper bounds (exclusive) of the size classes. */
const SIZE_CLASSES: ReadonlyArray<readonly [string, number]> = [
  ['LESS_THAN_1024_B', KIB],
  ['BETWEEN_1024_B_AND_64_KB', 64 * KIB],
  ['BETWEEN_64_KB_AND_256_KB', 256 * KIB],
  ['BETWEEN_256_KB_AND_512_KB', 512 * KIB],
  ['BETWEEN_512_KB_AND_1_MB', MIB],
  ['BETWEEN_1_MB_AND_10_MB', 10 * MIB],
  ['BETWEEN_10_MB_AND_64_MB', 64 * MIB],
  ['BETWEEN_64_MB_AND_128_MB', 128 * MIB],
  ['BETWEEN_128_MB_AND_512_MB', 512 * MIB],
  ['GREATER_THAN_512_MB', Infinity],
];
/** Sums up the classes from 1 KiB to 1 MiB once more; the real server sends it beside them. */
const ROLL_UP = 'BETWEEN_1024B_AND_1_MB';

const VERSION_CLASSES: ReadonlyArray<readonly [string, number]> = [
  ['UNVERSIONED', 1],
  ['SINGLE_VERSION', 2],
  ['BETWEEN_2_AND_10', 10],
  ['BETWEEN_10_AND_100', 100],
  ['BETWEEN_100_AND_1000', 1000],
  ['BETWEEN_1000_AND_10000', 10_000],
  ['GREATER_THAN_10000', Infinity],
];

function classOf(
  classes: ReadonlyArray<readonly [string, number]>,
  value: number,
): string {
  const [name] = classes.find(([, bound]) => value < bound) ?? classes[0];
  return name;
}

function emptyHistogram(names: string[]): Record<string, number> {
  return Object.fromEntries(names.map(name => [name, 0]));
}

function emptyUsage(): BucketUsage {
  return {
    size: 0,
    objects: 0,
    versions: 0,
    deleteMarkers: 0,
    sizeHistogram: emptyHistogram([
      ...SIZE_CLASSES.map(([name]) => name),
      ROLL_UP,
    ]),
    versionHistogram: emptyHistogram(VERSION_CLASSES.map(([name]) => name)),
  };
}

/** Counts a bucket; the versions come in the order of their keys. */
export function measureBucket(
  versions: Iterable<MeasuredVersion>,
): BucketUsage {
  const usage = emptyUsage();
  let currentKey: string | undefined;
  let versionsOfKey = 0;
  const finishKey = () => {
    if (currentKey !== undefined) {
      usage.objects += 1;
      usage.versionHistogram[classOf(VERSION_CLASSES, versionsOfKey)] += 1;
    }
    versionsOfKey = 0;
  };
  for (const version of versions) {
    if (version.key !== currentKey) {
      finishKey();
      currentKey = version.key;
    }
    if (version.isDeleteMarker) {
      usage.deleteMarkers += 1;
      continue;
    }
    usage.size += version.size;
    const sizeClass = classOf(SIZE_CLASSES, version.size);
    usage.sizeHistogram[sizeClass] += 1;
    if (version.size >= KIB && version.size < MIB) {
      usage.sizeHistogram[ROLL_UP] += 1;
    }
    if (version.versionId !== 'null') {
      usage.versions += 1;
      versionsOfKey += 1;
    }
  }
  finishKey();
  return usage;
}
