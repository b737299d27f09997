"use strict";
const at = (id) => document.getElementById(id);
const api = "/api/v1";

const examples = {
  curl: `curl ${location.origin}${api}/sessions \\
  -H "Authorization: Bearer $INVOKEAI_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"line": "t2i a red house --seed 7", "run": true}'`,
  python: `import os, httpx

client = httpx.Client(
    base_url="${location.origin}${api}",
    headers={"Authorization": f"Bearer {os.environ['INVOKEAI_TOKEN']}"},
)
body = {"line": "t2i a red house", "run": True}
session = client.post("/sessions", json=body).json()
print(client.get(f"/sessions/{session['id']}/results").json())`,
  shell: `export INVOKEAI_TOKEN=...   # the token of this server
invokeai --on ${location.host} 't2i a red house | save house.png'`,
};
for (const [id, text] of Object.entries(examples)) at(id).textContent = text;

async function signIn(token) {
  const answer = await fetch(`${api}/auth/cookie`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!answer.ok) throw new Error((await answer.json()).detail);
}

function showFacts(rows) {
  const list = at("facts");
  list.replaceChildren();
  for (const [name, value] of rows) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    list.append(term, text);
  }
  list.hidden = false;
}

async function show() {
  const [about, stats] = await Promise.all([fetch(`${api}/about`), fetch(`${api}/stats`)]);
  if (about.status === 401) {
    at("state").textContent = "The server is running. To see more, open the address that it printed at its start, or enter its token.";
    at("token-form").hidden = false;
    return;
  }
  if (!about.ok || !stats.ok) throw new Error("The server does not answer.");
  const { version, device, versions, compat } = await about.json();
  const { nodes, started } = await stats.json();
  at("state").textContent = "The server is running.";
  at("token-form").hidden = true;
  showFacts([
    ["Address", location.origin],
    ["Version", version],
    ["Since", new Date(started * 1000).toLocaleString()],
    ["Device", device],
    ["Commands", nodes],
    ["torch", versions.torch ?? "not installed"],
    ["Other APIs", compat.join(", ") || "none"],
  ]);
}

async function start() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  try {
    if (token) {
      history.replaceState(null, "", location.pathname);
      await signIn(token);
    }
    await show();
  } catch (error) {
    at("state").textContent = `Error: ${error.message}`;
    at("token-form").hidden = false;
  }
}

at("token-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await signIn(at("token").value.trim());
    at("token").value = "";
    await show();
  } catch (error) {
    at("state").textContent = `Error: ${error.message}`;
  }
});
start();
