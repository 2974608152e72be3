import { evaluate } from '@marcbachmann/cel-js';
import { z } from 'zod';
import { KubernetesObject } from '../kubernetes';

export type Health = 'Current' | 'InProgress' | 'Failed';

/** An entry of `spec.healthCheckExprs` of a Kustomization. */
export const healthExpressionSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  inProgress: z.string().optional(),
  failed: z.string().optional(),
  current: z.string(),
});

const statusSchema = z.object({
  observedGeneration: z.number().optional(),
  conditions: z
    .array(z.object({ type: z.string(), status: z.string() }))
    .optional(),
});

/**
 * The health of an object: by the expressions for its kind where there are any, else by its conditions. An object
 * without status counts as current then, as in Flux.
 */
export function healthOf(
  object: KubernetesObject,
  expressions: Array<z.output<typeof healthExpressionSchema>>,
): Health {
  const expression = expressions.find(
    e => e.apiVersion === object.apiVersion && e.kind === object.kind,
  );
  if (expression) {
    const holds = (text?: string) =>
      Boolean(text && evaluateSafely(text, object));
    if (holds(expression.inProgress)) {
      return 'InProgress';
    }
    if (holds(expression.failed)) {
      return 'Failed';
    }
    return holds(expression.current) ? 'Current' : 'InProgress';
  }
  const { data: status } = statusSchema.safeParse(object.status);
  if (!status) {
    return 'Current';
  }
  const is = (type: string, value: string) =>
    status.conditions?.some(c => c.type === type && c.status === value);
  if (is('Stalled', 'True')) {
    return 'Failed';
  }
  const behind =
    status.observedGeneration !== undefined &&
    status.observedGeneration !== object.metadata.generation;
  return behind || is('Reconciling', 'True') || is('Ready', 'False')
    ? 'InProgress'
    : 'Current';
}

function evaluateSafely(text: string, object: KubernetesObject): unknown {
  try {
    return evaluate(text, {
      ...object,
      status: object.status ?? {},
    });
  } catch {
    // A field that is not there yet: the expression does not hold.
    return false;
  }
}
