/**
 * `ai-claude profile list`
 *
 * @module
 */

import { isDocument } from "../../base/format.ts";
import { printable } from "../../base/printable.ts";
import { render } from "../../base/render.ts";
import { shownUrl } from "../../profile/resolved_profile.ts";
import { ADD, type ProfileContext, readProfiles } from "./profile_context.ts";

/** Prints the profiles, the current one marked. */
export async function listProfiles(context: ProfileContext): Promise<void> {
  const { options: { format }, sys } = context;
  const { profiles, currentProfile, path } = await readProfiles(context);
  const rows = profiles.map((profile) => ({
    name: profile.name,
    current: profile.name === currentProfile,
    ai_gateway_url: profile.gatewayUrl === undefined
      ? null
      : shownUrl(profile.gatewayUrl),
    auth_mode: profile.authMode ?? "device",
    llm_provider: profile.provider ?? null,
    model: profile.model ?? null,
    description: profile.description ?? null,
  }));
  if (rows.length === 0 && !isDocument(format)) {
    sys.err(`no profiles in ${path}; add one: ${ADD}\n`);
    return;
  }
  sys.out(render(format, rows, ({ wide, table }) =>
    table(
      [
        ...["CURRENT", "NAME", "AUTH MODE"],
        ...(wide ? ["URL", "PROVIDER", "MODEL", "DESCRIPTION"] : []),
      ],
      rows.map((row) =>
        [
          ...[row.current ? "*" : "", row.name, row.auth_mode],
          ...(wide
            ? [row.ai_gateway_url, row.llm_provider, row.model, row.description]
            : []),
        ].map((cell) => printable(cell ?? "-"))
      ),
    )));
}
