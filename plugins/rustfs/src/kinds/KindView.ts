import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  EntityStorage,
  inputOf,
  RequestInputs,
  RequestSubmission,
  StorageRequest,
  TenantOffer,
} from '@rustfs-portal/plugin-rustfs-common';
import { Fact } from '../components/FactList';
import { RequestForm } from '../lib/form';
import { rustfsTranslationRef } from '../translation';

/** Says something of the plugin in the language of the reader. */
export type Translate = ReturnType<
  typeof useTranslationRef<(typeof rustfsTranslationRef)['T']>
>['t'];

/** The form that asks for something. */
export interface KindForm<I> {
  /** Name of its software template, in the namespace `default`. */
  template(input: I): string;
  permission: ResourcePermission<'catalog-entity'>;
  /** What else it takes for what is brought with it. */
  alsoNeeds?(input: I): ResourcePermission<'catalog-entity'> | undefined;
  /** Fills the form in with what was asked for, without the name where that is taken. */
  fillIn(input: I, options: { needsOtherName: boolean }): RequestForm;
  /** What the form asks for, once everything that is needed is filled in. */
  toInput(form: RequestForm): I | undefined;
  /** Why it cannot be asked for on a tenant, although other things can. */
  whyNot?(t: Translate, offer: TenantOffer): string | undefined;
  /** What is asked for, for the last step of the form, beside what every request has; texts by name of the value. */
  summary(t: Translate, input: I): Record<string, string>;
}

/** What the pages have to know of a kind of request: one row of the table of kinds. */
export interface KindView<I> {
  /** What is asked for: `New bucket`. */
  title(t: Translate): string;
  /** What there is when it is ready: `The bucket can be used`. */
  ready(t: Translate): string;
  /** What was asked for, beside what every request has. */
  facts(t: Translate, input: I): Fact[];
  form?: KindForm<I>;
  /** Where its subject is opened once all is there; undefined where there is nothing to open. */
  end?(t: Translate, request: StorageRequest): EndLink;
  /** Whether an answer shows what the request has made. */
  isShown?(storage: EntityStorage, request: StorageRequest, input: I): boolean;
}

/** Where to go at the end of a request. */
export interface EndLink {
  label: string;
  /** The tab of the page of the platform. */
  page: 'buckets' | 'access' | 'tenants';
  /** The parameter that opens it, there and on the tab of an entity. */
  parameter: 'bucket' | 'access' | 'tenant';
  id: string;
}

/** A row of the table for one request. */
export interface RequestKindView {
  title(t: Translate): string;
  ready(t: Translate): string;
  facts(t: Translate): Fact[];
  form?: {
    template: string;
    /** Everything that asking once more takes. */
    permissions: ResourcePermission<'catalog-entity'>[];
    fillIn(options: { needsOtherName: boolean }): RequestForm;
  };
  end?(t: Translate): EndLink;
  isShown(storage: EntityStorage): boolean;
}

/** What a form of one kind asks for, with what is said of it. */
export interface FormContent {
  request: RequestSubmission;
  summary(t: Translate): Record<string, string>;
}

/** A row of the table. */
export interface KindDefinition {
  kind: string;
  /** The permission that asking takes. */
  permission?: ResourcePermission<'catalog-entity'>;
  whyNot(t: Translate, offer: TenantOffer): string | undefined;
  readForm(form: RequestForm): FormContent | undefined;
  of(request: StorageRequest): RequestKindView;
}

/** Makes a row of the table, which reads the input of its requests as its kind has it. */
export function defineKind<K extends keyof RequestInputs>(
  kind: K,
  view: KindView<RequestInputs[K]>,
): KindDefinition {
  return {
    kind,
    permission: view.form?.permission,
    whyNot: (t, offer) => view.form?.whyNot?.(t, offer),
    readForm(formData) {
      const { form } = view;
      const input = form?.toInput(formData);
      return (
        input && {
          request: { kind, ...input },
          summary: t => form!.summary(t, input),
        }
      );
    },
    of(request) {
      const input = inputOf(request, kind)!;
      const { form, end, isShown } = view;
      return {
        title: view.title,
        ready: view.ready,
        facts: t => view.facts(t, input),
        form: form && {
          template: form.template(input),
          permissions: [
            form.permission,
            ...[form.alsoNeeds?.(input) ?? []].flat(),
          ],
          fillIn: options => form.fillIn(input, options),
        },
        end: end && (t => end(t, request)),
        isShown: storage => isShown?.(storage, request, input) ?? true,
      };
    },
  };
}
