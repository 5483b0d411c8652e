/**
 * Faults between a client and the embedded issuer: which are planned, and how
 * one is put into an answer. `fault_effects.ts` has what each one does.
 *
 * @module
 */

import { parseObject } from "../../base/json_object.ts";
import { EFFECTS, type IssuerFault, type Place } from "./fault_effects.ts";
import type { IssuerRequest } from "./issuer_request.ts";
import { oauthAnswer } from "./oauth_answer.ts";

/** An endpoint at which something can go wrong. */
export type FaultyEndpoint = "discovery" | "device" | "token";

/** A fault and how many answers it is still to hit. */
interface PlannedFault {
  fault: IssuerFault;
  timesLeft: number;
}

/** The faults to come, at most one per endpoint. */
export type FaultPlan = Map<IssuerRequest["endpoint"], PlannedFault>;

/** What the client gets, with the endpoint's planned fault if there is one. */
export async function answerWithFault(
  endpoint: IssuerRequest["endpoint"],
  plan: FaultPlan,
  place: Place,
  answer: () => Response,
): Promise<Response> {
  const planned = plan.get(endpoint);
  if (!planned || planned.timesLeft <= 0) return answer();
  const effect = EFFECTS[planned.fault];
  if ("fields" in effect) {
    const response = answer();
    const body = parseObject(await response.clone().text());
    const spoiled = body && effect.fields(body, place);
    // Looked at once more: another request may have had its turn meanwhile.
    if (!spoiled || planned.timesLeft <= 0) return response;
    planned.timesLeft--;
    return oauthAnswer(spoiled, response.status);
  }
  planned.timesLeft--;
  if ("instead" in effect) return await effect.instead(place);
  const response = answer();
  return effect.wire(await response.text(), response);
}
