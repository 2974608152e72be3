import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  BucketView,
  formatBytes,
  RequestSubmission,
  toQuantity,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  TextField,
} from '@backstage/ui';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { rustfsApiRef } from '../../api';
import { useTenantOffer } from '../../hooks/useRequestOptions';
import { findKind } from '../../kinds';
import { describeError, toError } from '../../lib/errors';
import { requestRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { FieldNote } from '../FieldNote';
import { Muted } from '../Muted';
import { QuotaInput } from '../QuotaInput';
import { LoadedRequestPreview, RequestSummary } from '../RequestPreview';
import styles from './RaiseQuotaDialog.module.css';

/** Asks for a higher quota of one bucket: how much, why, and what will change. */
export function RaiseQuotaDialog(props: {
  /** Undefined: it is closed. */
  bucket: BucketView | undefined;
  onClose: () => void;
}) {
  const { bucket, onClose } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <Dialog
      isOpen={Boolean(bucket)}
      onOpenChange={isOpen => !isOpen && onClose()}
      width="min(44rem, 94vw)"
    >
      {bucket && (
        <>
          <DialogHeader>{t('raise.title', { name: bucket.name })}</DialogHeader>
          <RaiseQuotaForm bucket={bucket} />
        </>
      )}
    </Dialog>
  );
}

function RaiseQuotaForm(props: { bucket: BucketView }) {
  const { declared, entity, live, name, tenant } = props.bucket;
  const before = declared?.quotaBytes ?? 0;
  const sizes = live?.sizeBytes !== undefined && {
    used: formatBytes(live.sizeBytes),
    quota: formatBytes(before),
  };
  const { t } = useTranslationRef(rustfsTranslationRef);
  const offer = useTenantOffer({ entityRef: entity, tenant });
  const [quota, setQuota] = useState(() => toQuantity(2 * before));
  const [purpose, setPurpose] = useState(() =>
    sizes ? t('bucket.raiseQuotaWhy', sizes) : '',
  );
  const [summary, setSummary] = useState<RequestSummary>({});
  const content = findKind('bucket-change')?.readForm({
    entityRef: entity,
    tenant,
    bucket: name,
    quota,
    purpose,
  });
  const { send, isSending, failure } = useSend();
  // What is shown is what is sent: not before the pull request is worked out.
  const isShown = Object.keys(summary).length > 0;
  return (
    <>
      <DialogBody>
        <div className={styles.root}>
          {sizes && <Muted as="p">{t('raise.now', sizes)}</Muted>}
          <QuotaInput
            label={t('kind.bucketChange.quota')}
            quota={quota}
            onChange={setQuota}
            offer={offer}
          />
          <TextField
            label={t('raise.reason')}
            description={t('raise.reasonHint')}
            size="small"
            isRequired
            validationBehavior="aria"
            maxLength={200}
            value={purpose}
            onChange={setPurpose}
          />
          {content ? (
            <LoadedRequestPreview
              content={content}
              told={summary}
              onSummary={setSummary}
            />
          ) : (
            <FieldNote tone="plain">{t('raise.incomplete')}</FieldNote>
          )}
          {failure && (
            <Alert
              role="alert"
              status="danger"
              icon
              title={t('raise.failed')}
              description={failure}
            />
          )}
        </div>
      </DialogBody>
      <DialogFooter>
        <Button
          isDisabled={!content || !isShown}
          isPending={isSending}
          onPress={() => content && send(content.request)}
        >
          {t('raise.send')}
        </Button>
        <Button variant="secondary" slot="close">
          {t('actions.cancel')}
        </Button>
      </DialogFooter>
    </>
  );
}

/** Sends a request off, once, and goes into its trail. */
function useSend() {
  const rustfsApi = useApi(rustfsApiRef);
  const requestPage = useRouteRef(requestRouteRef);
  const navigate = useNavigate();
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [isSending, setIsSending] = useState(false);
  const [failure, setFailure] = useState<string>();
  // The same again is the same request, also where the first answer was lost on its way.
  const sent = useRef<{ content: string; key: string }>();
  return {
    isSending,
    failure,
    async send(request: RequestSubmission) {
      const content = JSON.stringify(request);
      if (sent.current?.content !== content) {
        sent.current = { content, key: newKey() };
      }
      setIsSending(true);
      setFailure(undefined);
      try {
        const { key } = sent.current;
        const { id } = await rustfsApi.createRequest(request, { key });
        navigate(requestPage?.({ id }) ?? '');
      } catch (thrown) {
        const { kind, message } = describeError(toError(thrown));
        setFailure(kind === 'offline' ? t('error.offline') : message);
        setIsSending(false);
      }
    },
  };
}

/** Not `randomUUID`: that is not there in portals without TLS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
