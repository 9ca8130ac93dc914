import type { TaskView } from "../../../client/views.ts";
import { texts } from "./texts.ts";

type Reasons = Readonly<Record<TaskView["reason"], string>>;
type Outcomes = Readonly<Record<NonNullable<TaskView["attempts"][number]["outcome"]>, string>>;

/** Why a task is where it is, and how an attempt ended. */
export const REASONS = texts<{ readonly reasons: Reasons; readonly outcomes: Outcomes }>(
  {
    reasons: {
      queued: "In line",
      delayed: "Waits for its time",
      retry_backoff: "Waits to try again",
      interrupted: "Interrupted, to run again",
      running: "Running",
      completed: "Completed",
      target_error: "The target answered with an error",
      connect_failed: "No connection to the target",
      unsendable: "Cannot be sent",
      timeout: "Took too long",
      response_too_large: "The answer is too large",
      outcome_unknown: "Sent, but the outcome is not known",
      node_lost: "The node that ran it was lost",
      expired_in_queue: "Waited too long",
      cancelled: "Cancelled",
    },
    outcomes: {
      answered: "answered",
      never_sent: "never sent",
      unknown: "no answer",
      interrupted: "interrupted",
      cancelled: "cancelled",
    },
  },
  {
    reasons: {
      queued: "排队中",
      delayed: "等待预定时间",
      retry_backoff: "等待重试",
      interrupted: "已中断，将重新执行",
      running: "执行中",
      completed: "已完成",
      target_error: "目标返回错误",
      connect_failed: "无法连接目标",
      unsendable: "无法发送",
      timeout: "超时",
      response_too_large: "响应过大",
      outcome_unknown: "已发送，结果未知",
      node_lost: "执行节点失联",
      expired_in_queue: "排队超时",
      cancelled: "已取消",
    },
    outcomes: {
      answered: "已响应",
      never_sent: "未发出",
      unknown: "无响应",
      interrupted: "已中断",
      cancelled: "已取消",
    },
  },
);
