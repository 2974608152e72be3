import { z } from 'zod';
import { ROLE_BINDINGS, ROLES } from './resources';
import { ObjectStore } from './store';
import { Rule, User } from './types';

const bindingSchema = z.object({
  subjects: z
    .array(
      z.object({
        kind: z.string(),
        name: z.string(),
        namespace: z.string().optional(),
      }),
    )
    .default([]),
  roleRef: z.object({ kind: z.string(), name: z.string() }),
});

const texts = z.array(z.string()).default([]);

const roleSchema = z.object({
  rules: z
    .array(
      z.object({
        apiGroups: texts,
        resources: texts,
        verbs: texts,
        resourceNames: z.array(z.string()).optional(),
      }),
    )
    .default([]),
});

/** What the RoleBindings of a namespace allow a user there. */
export function rulesIn(
  store: ObjectStore,
  namespace: string,
  user: User,
): Rule[] {
  return store.list(ROLE_BINDINGS.storage, namespace).flatMap(object => {
    const { subjects, roleRef } = bindingSchema.parse(object);
    const isMeant = subjects.some(({ kind, name, namespace: theirs }) => {
      switch (kind) {
        case 'ServiceAccount':
          return user.name === `system:serviceaccount:${theirs}:${name}`;
        case 'Group':
          return user.groups.includes(name);
        default:
          return user.name === name;
      }
    });
    const role =
      isMeant && roleRef.kind === 'Role'
        ? store.get(ROLES.storage, namespace, roleRef.name)
        : undefined;
    return role ? roleSchema.parse(role).rules : [];
  });
}
