import { Button, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTexts } from "../i18n/language.tsx";
import { SHELL } from "../i18n/shell.ts";
import { useSession } from "./session.tsx";

/** Asks for the key when Headgate wants one. */
export default function KeyPrompt(): ReactNode {
  const words = useTexts(SHELL);
  const session = useSession();
  const [given, setGiven] = useState("");

  function submit(event: FormEvent): void {
    event.preventDefault();
    const key = given.trim();
    if (key !== "") session.use(key);
  }

  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={words.keyTitle}
      centered
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm" c="dimmed">
            {words.keyText}
          </Text>
          <PasswordInput
            label={words.keyLabel}
            value={given}
            onChange={(event) => setGiven(event.currentTarget.value)}
            error={session.key === null ? undefined : words.keyWrong}
            autoComplete="off"
            data-autofocus
          />
          <Button type="submit" disabled={given.trim() === ""}>
            {words.keyUse}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
