// Graphs and answers have types: what the server would refuse is refused by the compiler.
import type { components, paths } from "./api";

type AnyNode = components["schemas"]["AnyNode"];

export const number: AnyNode = { id: "1", type: "random" };
export const noise: AnyNode = { id: "2", type: "noise", inputs: { seed: "18446744073709551615" } };

// @ts-expect-error: the input is called `radius`
export const misspelled: AnyNode = { id: "3", type: "blur", inputs: { radios: 2 } };

// @ts-expect-error: there is no node of this type
export const unknown: AnyNode = { id: "4", type: "blurr" };

// @ts-expect-error: a seed is a string of digits, because a number could not hold all of them
export const rounded: AnyNode = { id: "5", type: "noise", inputs: { seed: 7 } };

export const graph: components["schemas"]["Graph"] = {
  nodes: { "1": number, "2": { id: "2", type: "blur" } },
  edges: [{ source: "1", output: "image", target: "2", input: "image" }],
};

type About = paths["/api/v1/about"]["get"]["responses"]["200"]["content"]["application/json"];
type Refusal = paths["/api/v1/about"]["get"]["responses"]["401"]["content"]["application/problem+json"];

export function versionOf(about: About): string {
  return about.versions["torch"] ?? about.version;
}

export function hintOf(problem: Refusal): string {
  return problem.hint ?? problem.detail;
}
