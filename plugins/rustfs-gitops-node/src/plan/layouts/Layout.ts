import {
  BlueprintFinding,
  Declaration,
  Declared,
} from '@rustfs-portal/plugin-rustfs-common';
import { SecretNeed, SecretWriter } from '../../secrets';
import {
  DeclarationTarget,
  FileChange,
  Refusal,
  RefusalCode,
  RepositoryFile,
  RepositorySnapshot,
  StorageChange,
} from '../../types';

/**
 * How a repository declares storage. What a request wants is said in declarations, which no layout is in; a layout reads
 * them from files and writes them into files.
 *
 * @public
 */
export interface Layout {
  readonly id: string;
  /**
   * What it declares stands in one object, which is proved against the cluster as a whole. Of the others it is looked at
   * who applies folders around them, what makes the same elsewhere, and which files are rendered from templates.
   */
  readonly standsAlone?: true;
  /**
   * What Git declares in a place.
   *
   * @throws Refused when the files cannot be understood
   */
  read(files: RepositorySnapshot, target: DeclarationTarget): Declared;
  /** Whether a place can hold a declaration at all, whatever its files say: one that it cannot is never planned. */
  express(
    declaration: Declaration,
    target: DeclarationTarget,
  ): true | Inexpressible;
  /**
   * What whoever reviews a declaration has to know of who makes it, and how: sentences for the pull request, without words
   * of people.
   */
  notes?(
    declaration: Declaration,
    options: {
      /** What encrypts new Secrets; undefined where none are written. */
      writer?: SecretWriter;
    },
  ): string[];
  /** How much a place has room for. */
  limits(target: DeclarationTarget): LayoutLimits;
  /** What stands in the way of requests in a place: what it blocks is not planned, so `plan` need not look for it again. */
  examine(files: RepositorySnapshot, target: DeclarationTarget): Obstacle[];
  /**
   * The files that change, none when all is declared already, or the Secrets that have to be encrypted first; or all the
   * reasons against it, where there is more than the one that is thrown. Pure.
   *
   * What is wanted is asked of `change.declare`, with what Git declares; it refuses what cannot be. The files lie in the
   * repository, none of them where Git or the forge keeps its own, and none that is rendered from a template.
   *
   * @throws Refused
   */
  plan(input: LayoutInput): LayoutPlan;
}

/**
 * Why a layout cannot write a declaration, in sentences.
 *
 * @public
 */
export interface Inexpressible {
  because: string;
  /** What to do instead. */
  instead: string;
  /** The field of the request that is to blame; undefined: `tenant`, for the place. */
  field?: string;
  /** Undefined: `unsupported`. */
  code?: RefusalCode;
}

/**
 * How much a place has room for; what is absent has no limit that is known.
 *
 * @public
 */
export interface LayoutLimits {
  buckets?: Room;
  users?: Room;
  policies?: Room;
}

/**
 * Room for things of one kind.
 *
 * @public
 */
export interface Room {
  limit: number;
  /** How many there are in the cluster; undefined: nobody has looked. */
  declared?: number;
}

/**
 * What stands in the way of requests.
 *
 * @public
 */
export interface Obstacle extends Refusal {
  blocks: 'everything' | 'accesses';
}

/**
 * What a layout plans with.
 *
 * @public
 */
export interface LayoutInput {
  change: StorageChange;
  snapshot: RepositorySnapshot;
  target: DeclarationTarget;
  /** Encrypts new Secrets in this place; undefined where none are written. */
  writer?: SecretWriter;
  /** Those that have written Secrets that are there already. */
  otherWriters: SecretWriter[];
  /** The files that the writers read, beside those of the snapshot. */
  writerFiles: Record<string, RepositoryFile>;
  /** Adds what whoever reviews has to know, and what turns up only while it is planned: a sentence for the pull request. */
  addNote(sentence: string): void;
}

/**
 * What a layout answers to a plan.
 *
 * @public
 */
export type LayoutPlan =
  | { files: FileChange[]; findings?: BlueprintFinding[] }
  | { needs: SecretNeed[] }
  | { reasons: Refusal[] };
