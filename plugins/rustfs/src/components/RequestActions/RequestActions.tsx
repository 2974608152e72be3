import {
  identityApiRef,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  requestUpdatePermission,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { Button } from '@backstage/ui';
import { useEffect, useState } from 'react';
import { rustfsApiRef } from '../../api';
import { describeError, toError } from '../../lib/errors';
import { rustfsTranslationRef } from '../../translation';
import styles from './RequestActions.module.css';

/** Entity ref of whoever looks; undefined while it is not known. */
export function useCaller(): string | undefined {
  const identityApi = useApi(identityApiRef);
  const [caller, setCaller] = useState<string>();
  useEffect(() => {
    let isOver = false;
    identityApi.getBackstageIdentity().then(
      ({ userEntityRef }) =>
        !isOver && setCaller(userEntityRef.toLocaleLowerCase('en-US')),
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [identityApi]);
  return caller;
}

/** What the person may decide about a request: each asks once more before it is done. */
export function RequestActions(props: {
  request: StorageRequest;
  /** The request is another by now. */
  onChanged?: () => void;
}) {
  const { request, onChanged } = props;
  const { id, state, foreignCommit } = request;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const rustfsApi = useApi(rustfsApiRef);
  const caller = useCaller();
  const { allowed } = usePermission({
    permission: requestUpdatePermission,
    resourceRef: id,
  });
  if (!allowed) {
    return null;
  }
  const isAuthor = caller === request.requestedBy;
  const isOpen = state === 'submitting' || state === 'proposed';
  const hasEnded = state === 'closed' || state === 'withdrawn';
  const decide = (decision: 'keep' | 'replace') => () =>
    rustfsApi.decideOnCommit(id, {
      commit: foreignCommit!.commit,
      decision,
    });
  return (
    <>
      {isOpen && foreignCommit && (
        <div className={styles.root}>
          <p>
            {t('actions.foreign', {
              commit: foreignCommit.commit.slice(0, 7),
              by: foreignCommit.by,
            })}
          </p>
          <div className={styles.buttons}>
            {state === 'proposed' && !foreignCommit.isKept && (
              <ConfirmedButton
                label={t('actions.keepCommit')}
                question={t('actions.keepCommitHint')}
                act={decide('keep')}
                onDone={onChanged}
              />
            )}
            <ConfirmedButton
              label={t('actions.replaceCommit')}
              question={t('actions.replaceCommitHint')}
              act={decide('replace')}
              onDone={onChanged}
            />
          </div>
        </div>
      )}
      {isAuthor && isOpen && (
        <ConfirmedButton
          label={t('actions.withdraw')}
          question={t('actions.withdrawHint')}
          act={() => rustfsApi.withdrawRequest(id)}
          onDone={onChanged}
        />
      )}
      {isAuthor && hasEnded && (
        <ConfirmedButton
          label={t('actions.reopen')}
          question={t('actions.reopenHint')}
          act={() => rustfsApi.reopenRequest(id)}
          onDone={onChanged}
        />
      )}
    </>
  );
}

/** A button that says what it will do, and does it when it is pressed once more. */
function ConfirmedButton(props: {
  label: string;
  question: string;
  act: () => Promise<unknown>;
  onDone?: () => void;
}) {
  const { label, question, act, onDone } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [step, setStep] = useState<'idle' | 'asking' | 'busy'>('idle');
  const [failure, setFailure] = useState<string>();

  async function run() {
    setStep('busy');
    setFailure(undefined);
    try {
      await act();
    } catch (thrown) {
      const { kind, message } = describeError(toError(thrown));
      setFailure(kind === 'offline' ? t('error.offline') : message);
    }
    setStep('idle');
    onDone?.();
  }

  return (
    <div className={styles.root}>
      {step === 'idle' ? (
        <div className={styles.buttons}>
          <Button
            size="small"
            variant="secondary"
            onPress={() => setStep('asking')}
          >
            {label}
          </Button>
        </div>
      ) : (
        <div role="group" aria-label={label} className={styles.root}>
          <p>{question}</p>
          <div className={styles.buttons}>
            <Button
              size="small"
              isDisabled={step === 'busy'}
              onPress={run}
              // eslint-disable-next-line jsx-a11y/no-autofocus -- the question takes the place of the button that had the focus
              autoFocus
            >
              {label}
            </Button>
            <Button
              size="small"
              variant="secondary"
              isDisabled={step === 'busy'}
              onPress={() => setStep('idle')}
            >
              {t('actions.cancel')}
            </Button>
          </div>
        </div>
      )}
      {failure && <p role="alert">{failure}</p>}
    </div>
  );
}
