import { ProxiedSignInPage } from '@backstage/core-components';
import {
  configApiRef,
  IdentityApi,
  useApi,
} from '@backstage/frontend-plugin-api';
import { SignInPageProps } from '@backstage/plugin-app-react';
import { Alert, Button, Card, CardBody, Flex, Text } from '@backstage/ui';
import { useCallback, useState } from 'react';
import styles from './DemoSignInPage.module.css';

const STORAGE_KEY = 'demo-sign-in.user';

/** Lets a visitor choose as whom to look at the portal. The choice is kept until signing out. */
export function DemoSignInPage(props: SignInPageProps) {
  const config = useApi(configApiRef);
  const people = (
    config.getOptionalConfigArray('auth.providers.demo.people') ?? []
  ).map(person => ({
    name: person.getString('name'),
    title: person.getString('title'),
    description: person.getString('description'),
  }));
  const [user, setUser] = useState(() => {
    const stored = localStorage.getItem(STORAGE_KEY) ?? undefined;
    return people.some(({ name }) => name === stored) ? stored : undefined;
  });

  const Failed = useCallback(
    ({ error }: { error?: Error }) => (
      <SignInFailed
        error={error}
        onChooseAgain={() => {
          localStorage.removeItem(STORAGE_KEY);
          setUser(undefined);
        }}
      />
    ),
    [],
  );

  if (user) {
    return (
      <ProxiedSignInPage
        provider="demo"
        headers={{ 'x-demo-user': user }}
        ErrorComponent={Failed}
        onSignInSuccess={identity =>
          props.onSignInSuccess(forgetOnSignOut(identity))
        }
      />
    );
  }
  return (
    <main className={styles.page}>
      <Flex direction="column" gap="4">
        <header>
          <Text as="h1" variant="title-medium" weight="bold">
            {config.getOptionalString('app.title') ?? 'Developer portal'}
          </Text>
          <Text as="p" className={styles.muted}>
            Choose as whom you want to look around.
          </Text>
        </header>
        <ul className={styles.people}>
          {people.map(({ name, title, description }) => (
            <li key={name}>
              <Card>
                <CardBody>
                  <Flex align="center" justify="between" gap="4">
                    <div>
                      <Text as="h2" variant="body-large" weight="bold">
                        {title}
                      </Text>
                      <Text as="p" className={styles.muted}>
                        {description}
                      </Text>
                    </div>
                    <Button
                      aria-label={`Sign in as ${title}`}
                      onPress={() => {
                        localStorage.setItem(STORAGE_KEY, name);
                        setUser(name);
                      }}
                    >
                      Sign in
                    </Button>
                  </Flex>
                </CardBody>
              </Card>
            </li>
          ))}
        </ul>
      </Flex>
    </main>
  );
}

/** Without a way back, the kept choice would lead here again whenever the page is opened. */
function SignInFailed(props: { error?: Error; onChooseAgain: () => void }) {
  return (
    <main className={styles.page}>
      <Flex direction="column" align="start" gap="4">
        <Alert
          status="danger"
          title="You could not be signed in"
          description={props.error?.message}
        />
        <Flex gap="2">
          <Button onPress={() => window.location.reload()}>Try again</Button>
          <Button variant="secondary" onPress={props.onChooseAgain}>
            Choose somebody else
          </Button>
        </Flex>
      </Flex>
    </main>
  );
}

function forgetOnSignOut(identity: IdentityApi): IdentityApi {
  return {
    getProfileInfo: () => identity.getProfileInfo(),
    getBackstageIdentity: () => identity.getBackstageIdentity(),
    getCredentials: () => identity.getCredentials(),
    async signOut() {
      localStorage.removeItem(STORAGE_KEY);
      await identity.signOut();
    },
  };
}
