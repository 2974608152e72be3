import { Declaration, Declared } from '@rustfs-portal/plugin-rustfs-common';
import { Provisioner } from './Provisioner';

/**
 * What a layout is in Git: a `Layout` of `@rustfs-portal/plugin-rustfs-gitops-node`. The change engine and these
 * interfaces do not depend on each other, so this says that its functions are there and not what they are given; the
 * backend refuses at its start what is no `Layout`.
 *
 * @public
 */
export interface GitLayout {
  readonly id: string;
  read(files: never, target: never): Declared;
  express(
    declaration: Declaration,
    target: never,
  ): true | { because: string; instead: string };
  limits(target: never): object;
  examine(files: never, target: never): object[];
  plan(input: never): object;
}

/**
 * How storage is declared for a tenant, and who makes it: one id for what stands in Git and for its provisioner in the
 * cluster. The configuration gives it to tenants (`layout` in `rustfs.tenants`).
 *
 * @public
 */
export interface StorageLayout {
  /** In the configuration, in the ledger, and the same as that of {@link StorageLayout.git}. */
  readonly id: string;
  readonly git: GitLayout;
  readonly provisioner: Provisioner;
}
