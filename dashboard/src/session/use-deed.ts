import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { say } from "../shell/say.tsx";
import { isUnauthorized } from "./queries.ts";
import { useSession } from "./session.tsx";

/** Something that is done at a click: says what came of it, and asks anew for what it may have changed. */
export function useDeed<Subject>(
  act: (subject: Subject) => Promise<unknown>,
  options: {
    readonly said: (subject: Subject) => string;
    readonly failed: string;
    readonly changes: readonly string[];
    readonly onDone?: () => void;
  },
): UseMutationResult<unknown, Error, Subject> {
  const queries = useQueryClient();
  const { onUnauthorized } = useSession();
  return useMutation({
    mutationFn: act,
    async onSuccess(_answer, subject) {
      say({ message: options.said(subject), color: "teal" });
      options.onDone?.();
      await Promise.all(options.changes.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
    onError(error) {
      if (isUnauthorized(error)) onUnauthorized();
      else say({ title: options.failed, message: error.message, color: "red" });
    },
  });
}
