import { Kbd, Modal, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { VIEWS } from "./views.ts";

/** `?` shows the keys, `g` and a letter go to a view; the rows of a table have keys of their own. */
export function Shortcuts(): ReactNode {
  const words = useTexts(SHELL);
  const [isOpen, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();

  useEffect(() => {
    let afterG = false;
    function onKey(event: KeyboardEvent): void {
      if (isTyping(event)) return;
      const view = afterG ? VIEWS.find(({ key }) => key === event.key) : undefined;
      afterG = event.key === "g";
      if (event.key === "?") open();
      else if (view !== undefined) void navigate({ to: view.path });
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, open]);

  const rows: readonly (readonly [readonly string[], string])[] = [
    [["/"], words.keys.search],
    [["j"], words.keys.down],
    [["k"], words.keys.up],
    [["Enter"], words.keys.open],
    ...VIEWS.map(({ key, name }) => [["g", key], words.keys.go(words[name])] as const),
    [["?"], words.keys.help],
  ];
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={words.help}
      closeButtonProps={{ "aria-label": words.close }}
    >
      <Table>
        <Table.Tbody>
          {rows.map(([keys, text]) => (
            <Table.Tr key={text}>
              <Table.Td w={90}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

/** Keys that are text, or that belong to the browser. */
export function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey) return true;
  return target instanceof HTMLElement && (target.isContentEditable || target.closest(OWN_KEYS) !== null);
}

/** What is typed into, and what lies over the view and takes the keys for itself. */
const OWN_KEYS = "input:not([type=checkbox], [type=radio]), textarea, select, [role=dialog], [role=menu]";
