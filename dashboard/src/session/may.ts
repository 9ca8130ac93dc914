import { useQuery } from "@tanstack/react-query";
import type { Key } from "../../../client/views.ts";
import { useSession } from "./session.tsx";

type Role = Key["role"];

/** What a key may do: handle tasks, look at the whole, change the whole. To look at tasks is everybody's. */
export type Deed = "handle" | "survey" | "operate";

const MAY: Readonly<Record<Role, readonly Deed[]>> = {
  submit: ["handle"],
  read: ["survey"],
  operate: ["handle", "survey", "operate"],
  admin: ["handle", "survey", "operate"],
};

/** What is not allowed is not offered. Until it is known who asks, everything is: Headgate itself refuses. */
export function useMay(): (deed: Deed) => boolean {
  const { client } = useSession();
  const { data } = useQuery({
    queryKey: ["me"],
    queryFn: () => client.connection.json<{ readonly key: { readonly role: Role } }>("/keys/me"),
    staleTime: Infinity,
  });
  const role = data?.key.role ?? "admin";
  return (deed) => MAY[role].includes(deed);
}
