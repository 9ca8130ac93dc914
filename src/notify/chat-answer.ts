import type { MessageFormat } from "../config/config.ts";

/** Where each chat says whether it took a message; 0 is yes. What is not here says it by its status. */
const MEMBERS: Readonly<Partial<Record<MessageFormat, readonly [code: string, message: string]>>> =
  Object.freeze({
    dingtalk: ["errcode", "errmsg"],
    wecom: ["errcode", "errmsg"],
    feishu: ["code", "msg"],
  });

const LONGEST_REASON = 200;

/**
 * Why a chat did not take a message although it answered 200: a wrong signature, a missing keyword, too many messages. Null
 * when it did, or does not say.
 */
export function refusalIn(text: string, format: MessageFormat): string | null {
  const [codeAt, messageAt] = MEMBERS[format] ?? [];
  const answer = codeAt === undefined ? null : parsed(text);
  if (codeAt === undefined || messageAt === undefined || answer === null) return null;
  const code = answer[codeAt];
  if (code === undefined || code === 0) return null;
  const message = answer[messageAt];
  const reason = [JSON.stringify(code), ...(typeof message === "string" ? [message] : [])].join(" ");
  return `It refused: ${reason}`.slice(0, LONGEST_REASON);
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? (value as Readonly<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}
