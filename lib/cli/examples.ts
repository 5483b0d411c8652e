/**
 * Texts that only the help and the completions show.
 *
 * @module
 */

/** What each group of commands is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  auth: "sign in to the gateway, and see who is signed in",
  profile: "profiles: each names a gateway, a login and defaults",
  provider: "the gateway's providers, and which of them Claude Code can use",
  run: "launch a program through the gateway",
};

/** Example command lines, by command. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "": [
    "ai-claude -L anthropic -m claude-sonnet-4-6 -- --permission-mode plan",
    'ai-claude -L bedrock -m us.anthropic.claude-sonnet-4-6 -- -p "hi"',
    "ai-claude -L anthropic --model '?'",
    "ai-claude -L anthropic --print-settings -o yaml",
  ],
  "run claude": ["ai-claude run claude -L anthropic -- --permission-mode plan"],
  demo: ["ai-claude demo", "ai-claude demo --with-login"],
  doctor: [
    "ai-claude doctor",
    "ai-claude doctor --probe -L anthropic -o json",
    "ai-claude doctor ~/.local/bin/claude-gateway",
  ],
  "auth login": [
    "ai-claude auth login",
    "ai-claude auth login -p prod --no-browser",
  ],
  "auth logout": ["ai-claude auth logout --all"],
  "auth status": ["ai-claude auth status -o json"],
  "auth token": [
    "ai-claude auth token --rpai-profile prod --refresh-within 5m",
  ],
  "profile list": ["ai-claude profile list -o wide"],
  "profile show": ["ai-claude profile show prod -o yaml"],
  "profile use": ["ai-claude profile use prod"],
  "profile add": [
    "ai-claude profile add prod --ai-gateway-url https://aigw.example.com",
    "ai-claude profile add ci --from prod --auth-mode client_credentials",
  ],
  "profile set": [
    "ai-claude profile set prod llm_provider=anthropic relay=true",
    "ai-claude profile set prod auth.issuer=https://login.example.com model=",
  ],
  "profile delete": ["ai-claude profile delete prod"],
  "profile rename": ["ai-claude profile rename prod production"],
  "provider list": [
    "ai-claude provider list -o wide",
    "ai-claude provider list --name-contains claude",
  ],
  "provider get": ["ai-claude provider get anthropic -o yaml"],
  "provider models": ["ai-claude provider models anthropic"],
  "provider check": [
    "ai-claude provider check anthropic",
    "ai-claude provider check bedrock -m us.anthropic.claude-haiku-4-5",
  ],
  shim: ["ai-claude shim ~/.local/bin/claude-gateway -L anthropic"],
  completions: [
    "source <(ai-claude completions bash)",
    "ai-claude completions zsh > ~/.zfunc/_ai-claude",
    "ai-claude completions fish > ~/.config/fish/completions/ai-claude.fish",
  ],
  version: ["ai-claude version"],
  help: ["ai-claude help auth token"],
};
