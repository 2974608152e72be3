import { apiError } from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import { S3_NAMESPACE, XML_DECLARATION } from '../http/xml';
import { OWNER } from './documents';
import type { S3Call } from './S3Call';

/** There are no ACLs: the owner has everything, and that is what is always answered. */
export async function getAcl(call: S3Call): Promise<void> {
  call.require(call.key ? 's3:GetObjectAcl' : 's3:GetBucketAcl');
  call.bucket();
  if (call.key) {
    const version = call.context.objects.find(call.bucketName, call.key);
    if (!version || version.isDeleteMarker) {
      throw apiError('NoSuchKey');
    }
  }
  sendXml(
    call.exchange,
    `${XML_DECLARATION}<AccessControlPolicy xmlns="${S3_NAMESPACE}"><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList><Owner><DisplayName>${OWNER.DisplayName}</DisplayName><ID>${OWNER.ID}</ID></Owner></AccessControlPolicy>`,
  );
}

/** A canned ACL in the header is accepted and ignored; grants are refused. */
export async function putAcl(call: S3Call): Promise<void> {
  call.require(call.key ? 's3:PutObjectAcl' : 's3:PutBucketAcl');
  call.bucket();
  const grants = await call.readDocument();
  if (grants !== '' && call.exchange.header('x-amz-acl') === undefined) {
    throw apiError('NotImplemented');
  }
  send(call.exchange, { status: 200 });
}
