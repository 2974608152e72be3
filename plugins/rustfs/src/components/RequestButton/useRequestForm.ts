import { useRouteRef } from '@backstage/frontend-plugin-api';
import { RequestForm } from '../../lib/form';
import { TEMPLATES, templateRouteRef } from '../../routes';

/**
 * Addresses a request form, filled in as far as given; undefined where the portal has no such form.
 *
 * @param templateName - the software template behind the form
 */
export function useRequestForm(
  templateName: string = TEMPLATES.bucket,
): ((filledIn: RequestForm) => string) | undefined {
  const template = useRouteRef(templateRouteRef);
  return (
    template &&
    (filledIn =>
      `${template({
        namespace: 'default',
        templateName,
      })}?formData=${encodeURIComponent(JSON.stringify(filledIn))}`)
  );
}
