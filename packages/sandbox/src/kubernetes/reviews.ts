import { z } from 'zod';
import { Authorizer } from './authorizer';
import { badRequest } from './status';
import { JsonObject, User } from './types';

/** Who asks, and what was sent. */
interface Asked {
  authorizer: Authorizer;
  user: User;
  body: unknown;
}

const accessReview = z.object({
  spec: z.object({
    resourceAttributes: z
      .object({
        namespace: z.string().optional(),
        verb: z.string().default(''),
        group: z.string().default(''),
        version: z.string().optional(),
        resource: z.string().default(''),
        subresource: z.string().optional(),
        name: z.string().optional(),
      })
      .optional(),
    nonResourceAttributes: z
      .object({ path: z.string().default(''), verb: z.string().default('') })
      .optional(),
  }),
});

const rulesReview = z.object({
  spec: z.object({ namespace: z.string().default('') }),
});

function parsed<T>(schema: z.ZodType<T>, body: unknown, kind: string): T {
  const result = schema.safeParse(body);
  if (!result.success) {
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a ${kind}: ${z.prettifyError(
        result.error,
      )}`,
    );
  }
  return result.data;
}

/** May I do this? A refusal comes without a reason, as under RBAC. */
function reviewAccess({ authorizer, user, body }: Asked): JsonObject {
  const { spec } = parsed(accessReview, body, 'SelfSubjectAccessReview');
  const { resourceAttributes: asked, nonResourceAttributes: path } = spec;
  if (!asked && !path) {
    throw badRequest(
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  let reason: string | undefined;
  if (asked) {
    reason = authorizer.decide(user, {
      ...asked,
      // An empty namespace means all of them.
      namespace: asked.namespace || undefined,
    });
  } else if (path) {
    reason = authorizer.allowsPath(user, path.path) ? '' : undefined;
  }
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: {
      allowed: reason !== undefined,
      ...(reason && { reason }),
    },
  };
}

/** What may I do in this namespace? */
function reviewRules({ authorizer, user, body }: Asked): JsonObject {
  const { spec } = parsed(rulesReview, body, 'SelfSubjectRulesReview');
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status: {
      resourceRules: authorizer.rulesFor(user, spec.namespace),
      nonResourceRules: [],
      incomplete: false,
    },
  };
}

/** Who am I? */
function reviewSelf({ user }: Asked): JsonObject {
  return {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    status: {
      userInfo: { username: user.name, uid: user.name, groups: user.groups },
    },
  };
}

interface Review {
  group: string;
  version: string;
  kind: string;
  plural: string;
  answer(asked: Asked): JsonObject;
}

/** Kinds that are only ever created, and never stored. */
export const REVIEWS: Review[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    answer: reviewAccess,
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    answer: reviewRules,
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    answer: reviewSelf,
  },
];

/** How a review is answered; undefined for a resource that is not one. */
export function findReview(
  group: string,
  version: string,
  plural: string,
): Review['answer'] | undefined {
  return REVIEWS.find(
    each =>
      each.group === group &&
      each.version === version &&
      each.plural === plural,
  )?.answer;
}
