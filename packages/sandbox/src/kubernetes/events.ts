import { JsonObject, KubernetesObject } from './types';

/** Field names of the two Event APIs: `events.k8s.io/v1` on the left, core `v1` on the right. */
const FIELDS: Array<[string, string]> = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

function renamed(
  object: KubernetesObject,
  apiVersion: string,
  names: Map<string, string>,
): KubernetesObject {
  const result: JsonObject = {};
  for (const [field, value] of Object.entries(object)) {
    result[names.get(field) ?? field] = value;
  }
  return { ...(result as KubernetesObject), apiVersion };
}

const TO_CORE = new Map(FIELDS);
const FROM_CORE = new Map(FIELDS.map(([events, core]) => [core, events]));

/** An event as it came through `events.k8s.io`, in the form that is stored. */
export function eventsV1ToCore(object: KubernetesObject): KubernetesObject {
  return {
    involvedObject: {},
    source: {},
    reportingInstance: '',
    ...renamed(object, 'v1', TO_CORE),
  };
}

/** A stored event as `events.k8s.io` shows it. */
export function eventsV1FromCore(object: KubernetesObject): KubernetesObject {
  return renamed(object, 'events.k8s.io/v1', FROM_CORE);
}
