import { ChangeSet, Forge } from '../types';

/** Writes a branch over the one commit that it may have; none: it must not be there. */
export async function replaceBranch(
  forge: Forge,
  options: { repository: string; changeSet: ChangeSet; expected?: string },
): Promise<{ commit: string; base: string }> {
  const { expected, ...change } = options;
  const written = await forge.replaceBranch({
    ...change,
    mayReplace: ({ commit }) => commit === expected,
  });
  if (written.outcome === 'kept') {
    throw Object.assign(new Error(`${written.tip.commit} was kept`), {
      reason: 'kept',
    });
  }
  const { base, commit } = written;
  return { base, commit };
}
