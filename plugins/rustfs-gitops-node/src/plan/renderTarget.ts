import { DeclarationTarget, RepositorySnapshot } from '../types';
import { RenderedFolder, renderFolder } from './kustomize/renderFolder';
import { normalizeFolder } from './paths';
import { createSourceFilter, withoutIgnored } from './sourceIgnore';

/** A repository as a GitOps engine sees it. */
export interface RenderedTarget extends RenderedFolder {
  folder: string;
  /** Without the files that the source leaves out. */
  snapshot: RepositorySnapshot;
  isLeftOut: (path: string) => boolean;
  /** Files that are left out and may declare a Tenant. */
  leftOut: string[];
}

/** The namespace in which records and the keys of users count, and that an object without any ends up in. */
export function homeNamespaceOf({ setup, tenant }: DeclarationTarget): string {
  return setup?.namespace ?? tenant.namespace;
}

/**
 * Renders the folder of a target, as far as its storage is concerned.
 *
 * @param holds - whether a text may hold objects of a layout, beside what the portal has written
 */
export function renderTarget(
  all: RepositorySnapshot,
  target: DeclarationTarget,
  holds: (text: string) => boolean = mayHoldTenant,
): RenderedTarget {
  const folder = normalizeFolder(target.folder);
  const isLeftOut = createSourceFilter(all, target.build?.sourceIgnore);
  const snapshot = withoutIgnored(all, isLeftOut);
  return {
    ...renderFolder(snapshot, {
      folder,
      build: target.build,
      isOfInterest: text =>
        holds(text) || isPortals(text) || mayMakeSecret(text),
    }),
    folder,
    snapshot,
    isLeftOut,
    leftOut: Object.keys(all.files).filter(
      path => isLeftOut(path) && holds(all.files[path].content),
    ),
  };
}

/** Whether a text can hold what the portal wrote, or a record that somebody else wrote; saves parsing it. */
function isPortals(text: string): boolean {
  return text.includes('rustfs-portal');
}

/** Whether a text can hold a Secret, whoever wrote it, or what a controller makes one of; saves parsing it. */
function mayMakeSecret(text: string): boolean {
  return /\bkind["']?\s*:\s*["']?\w*Secret\b/.test(text);
}

/** Whether a text can hold a Tenant of the RustFS operator; saves parsing it. */
export function mayHoldTenant(text: string): boolean {
  return text.includes('rustfs.com') && text.includes('Tenant');
}
