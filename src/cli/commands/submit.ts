import { span } from "../amounts.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { type RequestFlags, toSubmission } from "../request.ts";
import { isWatched, notify, print } from "../terminal.ts";

export type SubmitFlags = ConnectionFlags & RequestFlags;

/** `headgate submit`: hands a request over and prints the id of its task. */
export function submit(path: string, flags: SubmitFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const { id, receipt } = await headgate.submit(path, await toSubmission(flags));
    if (flags.json) {
      const { isReplay: is_replay, ...rest } = receipt ?? {};
      print(JSON.stringify({ ...rest, is_replay }, null, 2));
      return ExitCode.ok;
    }
    print(id);
    if (isWatched()) {
      const { position = null, eta_seconds: eta = null } = receipt ?? {};
      const left = eta === null ? "" : `, about ${span(eta)} left`;
      notify(`accepted${position === null ? "" : `, ${position} in line`}${left}; headgate wait ${id}`);
    }
    return ExitCode.ok;
  });
}
