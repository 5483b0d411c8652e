/**
 * The check of the config file, the profile in force and the gateway's URL.
 *
 * @module
 */

import { nameList } from "../../base/printable.ts";
import { parseConfig } from "../../profile/config.ts";
import { homeDir } from "../../system/find_program.ts";
import { fail, failure, type Finding, ok, warn } from "./check.ts";
import type { Examination } from "./examination.ts";

/** The profile and the gateway, and what is odd about the file. */
export async function checkConfig(
  examination: Examination,
): Promise<Finding[]> {
  const { target, gateway, options } = examination;
  const read = await target;
  if (read.value === undefined) return [await failure(read.error)];
  const { profile, authMode, warnings } = read.value;
  const url = await gateway;
  const who = profile === undefined
    ? "no profile"
    : `profile "${profile.name}" of ${options.configPath}`;
  return [
    url.value === undefined
      ? await noGateway(examination, url.error, profile !== undefined)
      : ok(`${who}, gateway ${url.value}, auth_mode ${authMode}`),
    ...warnings.map((line) => warn(line, "rename that key, or remove it")),
  ];
}

async function noGateway(
  { options, sys }: Examination,
  error: unknown,
  hasProfile: boolean,
): Promise<Finding> {
  const { configPath, endpoint } = options;
  if (configPath === undefined && homeDir(sys) === undefined) {
    return fail(
      "no AI gateway: HOME is not set, so there is no config file",
      "set HOME, or name a file with --rpai-config and a gateway with " +
        "--rpai-endpoint",
    );
  }
  const missing = await failure(error);
  if (hasProfile || endpoint !== undefined) return missing;
  const text = configPath && await sys.readTextFile(configPath);
  const { profiles } = await parseConfig(text ?? "", configPath ?? "");
  return profiles.length > 0
    ? fail(
      `no profile is the current one: ${configPath} has ${
        nameList(profiles.map(({ name }) => name))
      }`,
      `ai-claude profile use ${profiles[0].name}`,
    )
    : {
      ...missing,
      remedy: "ai-claude profile add NAME --ai-gateway-url " +
        "https://aigw.<cluster-id>.clusters.rdpa.co --llm-provider NAME",
    };
}
