/**
 * What the demo tries in each mode, and how it judges what came of it.
 *
 * @module
 */

import type { Mode } from "../../gateway/mode.ts";
import type { Captured } from "../../system/sys.ts";

const SUBSCRIPTION = "sk-ant-oat01-demo-subscription";

/** A key that must not arrive anywhere. */
export const RIVAL_KEY = "sk-ant-api03-demo-rival";

/** A mode of the demo: its provider and the credentials a request must carry. */
export interface Scenario {
  /** The mode. */
  mode: Mode;
  /** Name of its provider. */
  provider: string;
  /** Variables only this mode has. */
  env: Record<string, string>;
  /** Header that must arrive, whose credential, and what that is called. */
  expected: { header: string; whose: "gateway" | "user"; shown: string }[];
}

/** The three modes. */
export const SCENARIOS: readonly Scenario[] = [
  {
    mode: "managed",
    provider: "anthropic",
    env: { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION },
    expected: [{
      header: "authorization",
      whose: "gateway",
      shown: "Authorization: gateway token",
    }],
  },
  {
    mode: "passthrough",
    provider: "anthropic-passthrough",
    env: { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION },
    expected: [{
      header: "authorization",
      whose: "user",
      shown: "Authorization: subscription",
    }, {
      header: "x-redpanda-cloud-token",
      whose: "gateway",
      shown: "X-Redpanda-Cloud-Token: token",
    }],
  },
  {
    mode: "bedrock",
    provider: "bedrock",
    env: { AWS_BEARER_TOKEN_BEDROCK: RIVAL_KEY },
    expected: [{
      header: "authorization",
      whose: "gateway",
      shown: "Authorization: gateway token",
    }],
  },
];

/** The part of a recorded request that is judged. */
export interface DemoRequest {
  /** `messages` and `bedrock` ask for an answer. */
  kind: string;
  /** Headers by lower-case name. */
  headers: Readonly<Record<string, string>>;
}

/** The result of one mode. */
export interface DemoRow {
  /** The mode. */
  mode: Mode;
  /** Whether everything was as it should be. */
  held: boolean;
  /** What Claude Code printed. */
  answer: string;
  /** Credentials that arrived where they should. */
  arrived: string[];
  /** What was tried and did not happen. */
  kept_out: string[];
  /** One line each. */
  problems: string[];
}

/** Judges a session by what the gateway recorded of it. */
export function judge(
  { mode, expected }: Scenario,
  session: Captured,
  requests: DemoRequest[],
  rerouted: number,
  isGatewayToken: (token: string) => boolean,
): DemoRow {
  const answer = session.stdout.trim();
  const calls = requests.filter(({ kind }) =>
    kind === "messages" || kind === "bedrock"
  );
  const carriesRival = requests.filter(({ headers }) =>
    Object.values(headers).some((value) => value.includes(RIVAL_KEY))
  );
  const isRight = (whose: "gateway" | "user", value = "") => {
    const credential = value.replace(/^Bearer /, "");
    return whose === "gateway"
      ? isGatewayToken(credential)
      : credential === SUBSCRIPTION;
  };
  const arrived = expected.filter(({ header, whose }) =>
    calls.length > 0 &&
    calls.every(({ headers }) => isRight(whose, headers[header]))
  );
  const leaked = mode === "passthrough"
    ? []
    : requests.filter(({ headers }) =>
      Object.values(headers).some((value) => value.includes(SUBSCRIPTION))
    );
  const problems = [
    ...(session.code === 0
      ? []
      : [`Claude Code ended with ${session.code}: ${session.stderr.trim()}`]),
    ...(answer.includes(`embedded gateway (${mode})`)
      ? []
      : [`unexpected answer "${answer}"`]),
    ...expected.filter((entry) => !arrived.includes(entry))
      .map(({ shown }) => `did not arrive: ${shown}`),
    ...(carriesRival.length > 0 ? ["the rival key reached the gateway"] : []),
    ...(leaked.length > 0 ? ["the subscription login left this machine"] : []),
    ...(rerouted > 0 ? [`${rerouted} requests went to the rival host`] : []),
  ];
  return {
    mode,
    held: problems.length === 0,
    answer,
    arrived: arrived.map(({ shown }) => shown),
    kept_out: [
      ...(carriesRival.length === 0 ? ["rival key"] : []),
      ...(rerouted === 0 ? ["rival host"] : []),
      ...(mode !== "passthrough" && leaked.length === 0
        ? ["subscription"]
        : []),
    ],
    problems,
  };
}
