import type { Config } from "../config/config.ts";
import type { Vault } from "../task/vault.ts";
import { type DeriveKey, openKeyFile } from "./key-file.ts";
import { createSecretFields, type SecretFields } from "./secret-fields.ts";
import { createVault } from "./vault.ts";

/** What a node needs to keep secrets. */
export interface Secrets {
  readonly deriveKey: DeriveKey;
  readonly fields: SecretFields;
  readonly vault: Vault;
}

/** `folder` is the data folder; null when everything is in memory. */
export async function openSecrets(
  { keyFile, secretHeaders }: Pick<Config, "keyFile" | "secretHeaders">,
  folder: string | null,
): Promise<Secrets> {
  const deriveKey = await openKeyFile({ folder, path: keyFile });
  const fields = createSecretFields(secretHeaders);
  return { deriveKey, fields, vault: createVault(deriveKey("vault"), fields) };
}
