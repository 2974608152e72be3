import { SealedSecret, SecretNeed, SecretWriter, SopsWriter } from '../secrets';
import {
  DeclarationTarget,
  PlanResult,
  RepositorySnapshot,
  StorageChange,
} from '../types';
import { plan } from '../plan';

const sops = new SopsWriter();

/** All files of a repository, as of one commit. */
export function snapshotOf(files: Record<string, string>): RepositorySnapshot {
  return {
    revision: 'a'.repeat(40),
    files: Object.fromEntries(
      Object.entries(files).map(([path, content]) => [
        path,
        { content, id: content },
      ]),
    ),
  };
}

/** Encrypts what a plan asks for, with values that a test can look for. */
export async function seal(
  needs: SecretNeed[],
  files: Record<string, string>,
): Promise<SealedSecret[]> {
  return Promise.all(
    needs.map(async ({ slot, writer, plan: { recipients } }) => ({
      id: slot.id,
      writer: writer.id,
      path: slot.path,
      recipients,
      content: await writer.seal(
        slot,
        Object.fromEntries(slot.keys.map(key => [key, `value of ${key}`])),
        snapshotOf(files).files,
      ),
    })),
  );
}

/** Plans with the Secrets that the plan asks for; the way of the portal. */
export async function planSealed(
  change: StorageChange,
  files: Record<string, string>,
  target: DeclarationTarget,
  options: { writer?: SecretWriter; otherWriters?: SecretWriter[] } = {
    writer: sops,
  },
): Promise<PlanResult> {
  const first = plan(change, snapshotOf(files), target, options);
  return first.outcome === 'secrets'
    ? plan(
        { ...change, sealed: await seal(first.needs, files) },
        snapshotOf(files),
        target,
        options,
      )
    : first;
}

/** The repository once a change is merged. */
export function merge(
  files: Record<string, string>,
  result: PlanResult,
): Record<string, string> {
  if (result.outcome !== 'change') {
    throw new Error(JSON.stringify(result));
  }
  const merged = { ...files };
  for (const { path, after } of result.changeSet.files) {
    if (after === undefined) {
      delete merged[path];
    } else {
      merged[path] = after;
    }
  }
  return merged;
}

/** Code and words of a refusal; the outcome where there is none. */
export function refusalOf(result: PlanResult): string {
  return result.outcome === 'refused'
    ? result.reasons.map(({ code, message }) => `${code}: ${message}`).join()
    : result.outcome;
}
