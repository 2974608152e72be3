/** The commit of a revision such as `main@sha1:0a1b…`, or that is one; repositories with SHA-256 have longer ones. */
export function commitOf(revision: string | undefined): string | undefined {
  return /(?:^|[^0-9a-f])([0-9a-f]{64}|[0-9a-f]{40})$/.exec(
    revision ?? '',
  )?.[1];
}
