import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonIcon, VisuallyHidden } from '@backstage/ui';
import {
  RiCheckLine,
  RiErrorWarningLine,
  RiFileCopyLine,
} from '@remixicon/react';
import { useEffect, useState } from 'react';
import { rustfsTranslationRef } from '../../translation';

type CopyState = 'idle' | 'copied' | 'failed';

const ICONS: Record<CopyState, JSX.Element> = {
  idle: <RiFileCopyLine />,
  copied: <RiCheckLine />,
  failed: <RiErrorWarningLine />,
};

/** Copies a text and says whether it did. */
export function CopyButton(props: { text: string; label: string }) {
  const { text, label } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [state, setState] = useState<CopyState>('idle');

  useEffect(() => {
    if (state === 'idle') {
      return undefined;
    }
    const timer = setTimeout(() => setState('idle'), 3_000);
    return () => clearTimeout(timer);
  }, [state]);

  const onPress = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // Browsers refuse it on pages without TLS.
      setState('failed');
    }
  };

  return (
    <>
      <ButtonIcon
        size="small"
        variant="tertiary"
        icon={ICONS[state]}
        aria-label={label}
        onPress={onPress}
      />
      <VisuallyHidden role="status">
        {state === 'copied' && t('common.copied')}
        {state === 'failed' && t('common.copyFailed')}
      </VisuallyHidden>
    </>
  );
}
