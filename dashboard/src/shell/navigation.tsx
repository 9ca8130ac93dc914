import { NavLink } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { Link, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { BASE_URL } from "../session/base-url.ts";
import { useMay } from "../session/may.ts";
import { VIEWS } from "./views.ts";

/** Where one can go. */
export function Navigation({ onGo }: { readonly onGo: () => void }): ReactNode {
  const words = useTexts(SHELL);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const may = useMay();
  return (
    <>
      {VIEWS.filter(({ deed }) => deed === null || may(deed)).map(({ path: to, name, icon: Icon }) => {
        const isHere = to === "/" ? path === "/" : path.startsWith(to);
        return (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={words[name]}
            leftSection={<Icon size={18} aria-hidden />}
            active={isHere}
            aria-current={isHere ? "page" : undefined}
            onClick={onGo}
          />
        );
      })}
      <NavLink
        href={`${BASE_URL}/docs`}
        target="_blank"
        label={words.docs}
        leftSection={<IconBook2 size={18} aria-hidden />}
      />
    </>
  );
}
