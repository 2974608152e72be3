import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Flex } from '@backstage/ui';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';

/** Offers the rest of a list that is shown in part. */
export function ShowMore(props: {
  shown: number;
  total: number;
  onPress: () => void;
  isPending: boolean;
}) {
  const { shown, total, onPress, isPending } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (shown >= total) {
    return null;
  }
  return (
    <Flex align="center" gap="3">
      <Button
        variant="secondary"
        size="small"
        onPress={onPress}
        isPending={isPending}
      >
        {t('requests.showMore')}
      </Button>
      <Muted>
        {t('requests.shown', { shown: String(shown), total: String(total) })}
      </Muted>
    </Flex>
  );
}
