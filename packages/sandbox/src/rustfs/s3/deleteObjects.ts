import { ApiError, apiError } from '../http/ApiError';
import { sendXml } from '../http/answers';
import {
  elementsOf,
  parseXml,
  renderXml,
  S3_NAMESPACE,
  textOf,
  type XmlElement,
} from '../http/xml';
import { removeObject } from './objects';
import type { S3Call } from './S3Call';

const MAX_OBJECTS = 1000;

/** Deletes many objects in one call; each of them succeeds or fails on its own. */
export async function deleteObjects(call: S3Call): Promise<void> {
  call.bucket();
  const document = parseXml(await call.readDocument(), 'Delete');
  const objects = elementsOf(document, 'Object');
  if (objects.length === 0 || objects.length > MAX_OBJECTS) {
    throw apiError('MalformedXML');
  }
  const deleted: XmlElement[] = [];
  const errors: XmlElement[] = [];
  for (const object of objects) {
    const key = textOf(object, 'Key') ?? '';
    const versionId = textOf(object, 'VersionId') || undefined;
    try {
      const { deleteMarker } = await removeObject(call, key, versionId);
      deleted.push({
        DeleteMarker: deleteMarker ? 'true' : undefined,
        DeleteMarkerVersionId: deleteMarker?.versionId ?? undefined,
        Key: key,
        VersionId: versionId,
      });
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      errors.push({
        Code: error.code,
        Key: key,
        Message: error.message,
        VersionId: versionId,
      });
    }
  }
  // `Quiet` is ignored, as on the real server: what was deleted is always listed.
  sendXml(
    call.exchange,
    renderXml(
      'DeleteResult',
      { Deleted: deleted, Error: errors },
      { namespace: S3_NAMESPACE },
    ),
  );
}
