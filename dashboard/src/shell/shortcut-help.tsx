import { Kbd, Modal, Table } from "@mantine/core";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { VIEWS } from "./views.ts";

/** What the keys do. By itself, because few ask for it and dialogs are heavy. */
export default function ShortcutHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useTexts(SHELL);
  const rows: readonly (readonly [readonly string[], string])[] = [
    [["/"], words.keys.search],
    [["j"], words.keys.down],
    [["k"], words.keys.up],
    [["Enter"], words.keys.open],
    ...VIEWS.map(({ key, name }) => [["g", key], words.keys.go(words[name])] as const),
    [["?"], words.keys.help],
  ];
  return (
    <Modal opened onClose={onClose} title={words.help} closeButtonProps={{ "aria-label": words.close }}>
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
