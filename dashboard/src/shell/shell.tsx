import { Burger, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import icon from "../icon.svg";
import { useSession } from "../session/session.tsx";
import { Lost } from "./connection.tsx";
import { Controls } from "./controls.tsx";
import { Navigation } from "./navigation.tsx";
import classes from "./shell.module.css";
import { Shortcuts } from "./shortcuts.tsx";

const KeyPrompt = lazy(() => import("../session/key-prompt.tsx"));

/** What stands around every view. */
export function Shell(): ReactNode {
  const words = useTexts(SHELL);
  const { isKeyWanted } = useSession();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  return (
    <>
      <a className={classes["skip"]} href="#content">
        {words.skip}
      </a>
      <header className={classes["header"]}>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={words.navigation}
            aria-expanded={isOpen}
          />
          <img src={icon} width={28} height={28} alt="" />
          <Text fw={700} size="lg">
            Headgate
          </Text>
        </Group>
        <Controls />
      </header>
      <nav className={classes["navigation"]} data-open={isOpen} aria-label={words.navigation}>
        <Navigation onGo={close} />
      </nav>
      <main className={classes["view"]} id="content" tabIndex={-1}>
        <Lost />
        <Outlet />
      </main>
      {isKeyWanted && (
        <Suspense>
          <KeyPrompt />
        </Suspense>
      )}
      <Shortcuts />
    </>
  );
}
