import {
  Link,
  Sidebar,
  SidebarDivider,
  SidebarGroup,
  SidebarItem,
  SidebarScrollWrapper,
  SidebarSpace,
} from '@backstage/core-components';
import { NavContentComponentProps } from '@backstage/plugin-app-react';
import { SidebarSearchModal } from '@backstage/plugin-search';
import { UserSettingsSignInAvatar } from '@backstage/plugin-user-settings';
import { RiDatabase2Fill, RiMenuLine, RiSearchLine } from '@remixicon/react';
import styles from './PortalSidebar.module.css';

export function PortalSidebar({ navItems }: NavContentComponentProps) {
  const items = navItems.withComponent(item => (
    <SidebarItem
      icon={() => item.icon}
      to={item.href}
      text={item.title}
      className={styles.item}
    />
  ));
  items.take('page:search');
  return (
    <Sidebar>
      <Link to="/" underline="none" className={styles.logo} aria-label="Home">
        <RiDatabase2Fill size={28} />
      </Link>
      <SidebarGroup label="Search" icon={<RiSearchLine />} to="/search">
        <SidebarSearchModal />
      </SidebarGroup>
      <SidebarDivider />
      <SidebarGroup label="Menu" icon={<RiMenuLine />}>
        {items.take('page:catalog')}
        {items.take('page:scaffolder')}
        {items.take('page:rustfs')}
        <SidebarDivider />
        <SidebarScrollWrapper>
          {items.rest({ sortBy: 'title' })}
        </SidebarScrollWrapper>
      </SidebarGroup>
      <SidebarSpace />
      <SidebarDivider />
      <SidebarGroup
        label="Settings"
        icon={<UserSettingsSignInAvatar />}
        to="/settings"
      >
        {items.take('page:user-settings')}
      </SidebarGroup>
    </Sidebar>
  );
}
