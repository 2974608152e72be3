import { Kustomization } from './Kustomization';
import { ListName } from './lists';

/** What makes it uncertain that an edit of the manifest reaches the cluster, or which object that is. */
export interface Doubt {
  /**
   * `list`: something else sets or removes the list or the object; `identity`: its kind, name or namespace cannot be
   * told; `unknown`: it cannot be told what is done to it.
   */
  kind: 'list' | 'identity' | 'unknown';
  /** The lists that are set or removed; undefined: all of them. */
  lists?: ListName[];
  /** File and line, or field of the Flux object. */
  by: string;
  /** What it does, in words that follow `by`. */
  what: string;
}

/** A manifest on its way through kustomizations. */
export interface RenderedObject {
  path: string;
  /** Index in the file. */
  document: number;
  /** Where it stands in the document: nowhere else than at its root, but for the items of a List. */
  at: Array<string | number>;
  line: number;
  /** The kustomizations that lead to it, the one that lists it last; empty where the engine takes every file. */
  through: Kustomization[];
  manifest: Record<string, unknown>;
  group: string;
  version: string;
  kind: string;
  /** What it was called first and after each step: patches find it by any of these. */
  names: string[];
  namespaces: Array<string | undefined>;
  labels: Metadata;
  annotations: Metadata;
  /** Entries that patches add behind the list. */
  appended: unknown[];
  /** JSON patches that fail on an object without the fields that they are about, by file and line. */
  demands: string[];
  /** Whether strategic merge patches were applied to it. */
  merged: boolean;
  doubts: Doubt[];
}

/** Labels or annotations; undefined when they cannot be told. */
export type Metadata = Map<string, string> | undefined;

/** File and line. */
export function placeOf({ path, line }: RenderedObject): string {
  return `${path}:${line}`;
}

export function nameOf({ names }: RenderedObject): string {
  return names.at(-1)!;
}

/** The name of the Secret that an object is or that a controller makes of it; undefined when it makes none. */
export function secretNameOf(object: RenderedObject): string | undefined {
  switch (object.kind) {
    case 'Secret':
    case 'SealedSecret':
      return nameOf(object);
    case 'ExternalSecret': {
      const { spec } = object.manifest;
      const target = isRecord(spec) ? spec.target : undefined;
      const name = isRecord(target) ? target.name : undefined;
      return typeof name === 'string' ? name : nameOf(object);
    }
    default:
      return undefined;
  }
}

export function namespaceOf({
  namespaces,
}: RenderedObject): string | undefined {
  return namespaces.at(-1);
}

/** Reads a document as an object; undefined when kustomize would not take it for one, or leaves it out. */
export function toObject(
  manifest: unknown,
  place: Pick<RenderedObject, 'path' | 'document' | 'at' | 'line' | 'through'>,
): RenderedObject | undefined {
  if (!isRecord(manifest) || !isRecord(manifest.metadata)) {
    return undefined;
  }
  const { apiVersion, kind, metadata } = manifest;
  const { name, namespace } = metadata;
  if (
    typeof apiVersion !== 'string' ||
    typeof kind !== 'string' ||
    typeof name !== 'string'
  ) {
    return undefined;
  }
  const [group, version] = apiVersion.includes('/')
    ? apiVersion.split('/')
    : ['', apiVersion];
  return {
    ...place,
    manifest,
    group,
    version,
    kind,
    names: [name],
    namespaces: [
      typeof namespace === 'string' && namespace ? namespace : undefined,
    ],
    labels: toMetadata(metadata.labels),
    annotations: toMetadata(metadata.annotations),
    appended: [],
    demands: [],
    merged: false,
    doubts: [],
  };
}

export function toMetadata(value: unknown): Metadata {
  return new Map(
    isRecord(value)
      ? Object.entries(value).map(([key, text]) => [key, String(text)])
      : [],
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
