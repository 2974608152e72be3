import { DeclarationTarget, FileChange, RepositorySnapshot } from '../../types';
import {
  nameOf,
  namespaceOf,
  RenderedObject,
} from '../kustomize/RenderedObject';
import { folderOf } from '../paths';
import { Refused } from '../Refused';
import { homeNamespaceOf } from '../renderTarget';
import { createSubstitution } from '../substitute';
import { Workspace } from '../Workspace';
import { findOthers } from './shared/appliedElsewhere';

/**
 * An object that the files of a place declare, as the GitOps engine brings it into the cluster.
 *
 * @public
 */
export interface DeclaredObject {
  apiVersion: string;
  kind: string;
  /** In the cluster; undefined when it hangs on a value that only the engine knows. */
  name?: string;
  /** Whether something in the cluster may be this object, by its name. */
  fits(name: string): boolean;
  /** The name as the file has it. */
  written: string;
  /** Of an object without one, the namespace in which what is declared counts. */
  namespace: string;
  /** By key; undefined when they cannot be told. */
  labels?: ReadonlyMap<string, string>;
  annotations?: ReadonlyMap<string, string>;
  /** As the file has it: unknown data, to be parsed. */
  manifest: Record<string, unknown>;
  /** File and line, for words: `storage/invoices.yaml:1`. */
  place: string;
}

/**
 * A new file with one object.
 *
 * @public
 */
export interface NewObject {
  /** Path from the root of the repository. */
  path: string;
  /** YAML of the object, without anything that is secret. */
  content: string;
  /** What it is, in words that follow "the": `RustFSBucket of this bucket`. */
  what: string;
  kind: string;
  /** What it has to be called in the cluster. */
  name: string;
  namespace: string;
  /** Field of the request that is to blame when something is there already. */
  field?: string;
}

/**
 * The files of a place while a layout plans a change there.
 *
 * @public
 */
export interface LayoutWorkspace {
  /** Folder that the GitOps engine applies, from the root of the repository; empty is all of it. */
  readonly folder: string;
  /** What the files declare. */
  readonly objects: DeclaredObject[];
  /**
   * Adds a file, and its line in the kustomization that decides there.
   *
   * @throws Refused when something is there already, or the file would be left out, or undone by a template
   */
  add(object: NewObject): void;
  /**
   * The files that change, with their diffs, once it is proved that each new object reaches the cluster once, under its
   * name and in its namespace, and that nobody else applies its folder.
   *
   * @throws Refused
   */
  toFiles(): FileChange[];
}

/**
 * Opens a place for a layout whose declarations are objects in files of their own.
 *
 * @param holds - whether a text may hold objects of the layout: other files are not parsed, except what the portal has
 * written
 * @throws Refused when a file that decides cannot be read
 * @public
 */
export function openWorkspace(
  snapshot: RepositorySnapshot,
  target: DeclarationTarget,
  holds: (text: string) => boolean,
): LayoutWorkspace {
  const workspace = new Workspace(snapshot, target, holds);
  const { folder, objects } = workspace.rendered;
  const folders = new Set<string>();
  return {
    folder,
    objects: objects.map(object => toDeclared(object, target)),
    add({ path, content, ...expected }) {
      folders.add(folderOf(path));
      workspace.create(path, content, expected);
    },
    toFiles() {
      const [other] = [...folders].flatMap(added =>
        findOthers(target, { folder: added, parts: [''], what: 'it' }),
      );
      if (other) {
        const { code, message, ...details } = other;
        throw new Refused(code, message, details);
      }
      return workspace.toFiles();
    },
  };
}

function toDeclared(
  object: RenderedObject,
  target: DeclarationTarget,
): DeclaredObject {
  const { annotations, group, kind, labels, line, manifest, path, version } =
    object;
  const written = nameOf(object);
  const { fits, text } = createSubstitution(target.build, object)(written);
  return {
    apiVersion: group ? `${group}/${version}` : version,
    kind,
    name: text,
    fits,
    written,
    namespace: namespaceOf(object) ?? homeNamespaceOf(target),
    labels,
    annotations,
    manifest,
    place: `${path}:${line}`,
  };
}
