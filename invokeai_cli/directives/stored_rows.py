"""The directives for models, the engine, servers, sessions and lines, as rows of the table of directives."""

from __future__ import annotations

from typing import Final

from .directive import ArgumentSpec, Directive, OptionSpec

SESSION: Final = ArgumentSpec("SESSION", "session id, its first characters, or `latest`", "session", required=False)
SINCE: Final = OptionSpec("since", "only sessions changed since this time: 2d, 3h, 2026-11-23", "TIME")
OVERWRITE: Final = OptionSpec("overwrite", "replace an existing file")

KINDS: Final = (
    "model", "lora", "embedding", "vae", "text-encoder", "image-encoder", "controlnet", "t2i-adapter", "ip-adapter",
    "style-model", "motion-module", "hypernetwork", "upscaler", "restorer", "other", "unknown",
)  # fmt: skip

FAMILIES: Final = (
    "sd1", "sd2", "sdxl", "sdxl-refiner", "sd3", "sd-x4-upscaler", "flux1", "flux2", "flux3", "chroma",
    "chroma-radiance", "z-image", "qwen-image", "qwen-image-2.1", "lumina2", "sana", "pixart-sigma", "pixart-alpha",
    "hidream", "hidream-o1", "auraflow", "cogview4", "krea2", "wan", "hunyuan-image", "hunyuan-dit", "ideogram4",
    "ernie-image", "ovis-image", "longcat-image", "glm-image", "bria", "prx", "kandinsky5", "kandinsky2", "kolors",
    "omnigen", "omnigen2", "cascade", "anima", "newbie", "ming-image", "mage-flow", "deepfloyd-if", "svd",
)  # fmt: skip

MODELS_ROW: Final = Directive(
    "models",
    "list the models on this machine, describe one, or scan the folder of another program",
    subcommands=(
        Directive(
            "models list",
            "list all models, including those that cannot be used",
            options=(
                OptionSpec("kind", "only models of this kind: model, lora, vae, ...", "KIND", choices=KINDS),
                OptionSpec("family", "only models of this family: sd1, sdxl, flux1, ...", "FAMILY", choices=FAMILIES),
            ),
            module="models",
        ),
        Directive(
            "models info",
            "show what a model or a file is, how it was recognized, and what it needs",
            (ArgumentSpec("MODEL", "name of a model, or path of a file or folder", "any model"),),
            (
                OptionSpec(
                    "kind", "correct the kind and remember it; `auto` for the recognized kind", "KIND", choices=KINDS
                ),
                OptionSpec(
                    "family",
                    "correct the family and remember it; `auto` for the recognized family",
                    "FAMILY",
                    choices=FAMILIES,
                ),
            ),
            module="models",
        ),
        Directive(
            "models scan",
            "list the models in a folder, such as that of AUTOMATIC1111, ComfyUI or InvokeAI",
            (ArgumentSpec("DIR", "folder to scan; nothing in it is changed", "directory"),),
            (
                OptionSpec("add", "use its models by name: add it to your setting `models_dirs`", excludes="remove"),
                OptionSpec("remove", "remove the folder from `models_dirs` without scanning it", excludes="add"),
            ),
            module="models",
        ),
    ),
    examples=("models", "models --kind lora", "models info default", "models scan ~/ComfyUI --add"),
    hint="`models info NAME` describes a model; subcommands: `models list`, `models info NAME`, `models scan DIR`",
)

ENGINE_ROW: Final = Directive(
    "engine",
    "show, start or stop the background process that keeps models loaded between commands",
    subcommands=(
        Directive(
            "engine status", "show loaded models, memory, clients, and how long it has been idle", module="engine"
        ),
        Directive("engine start", "start the engine and wait until it is ready", module="engine"),
        Directive(
            "engine stop",
            "stop the engine; commands that it is working for continue by themselves",
            options=(
                OptionSpec("all", "also stop the engines of other versions, data folders, devices and precisions"),
            ),
            module="engine",
        ),
        Directive("engine log", "print the log of the engine since its last start", module="engine"),
    ),
    examples=("engine", "engine start", "engine stop", "config set engine auto"),
    hint="`config set engine on` lets every command use it",
)

SERVER_ROWS: Final = (
    Directive(
        "serve",
        "start the web server, whose HTTP API other programs and machines use",
        options=(
            OptionSpec("listen", "address to listen on (default: 127.0.0.1, only this machine)", "ADDRESS"),
            OptionSpec("port", "port to listen on (default: 9090, or the next free one)", "PORT"),
            OptionSpec("host-name", "name by which clients reach the server; may be repeated", "NAME", repeat=True),
            OptionSpec(
                "token-file", "file with the token that clients need (default: made in the config folder)", "FILE"
            ),
            OptionSpec("events", "where events travel: `local`, or the URL of a Redis server", "URL"),
            OptionSpec("workers", "worker processes that run nodes: auto, or a number", "COUNT"),
            OptionSpec("in-process", "run nodes in the server's own process"),
            OptionSpec("queue", "state of the queue at the start", "STATE", choices=("running", "paused")),
            OptionSpec("compat", "other APIs to offer: openai, a1111, or both, separated by a comma", "APIS"),
            OptionSpec("allow-files", "folder whose files lines may read", "DIR", "directory"),
            OptionSpec("trusted-proxy", "address of a reverse proxy; may be repeated", "ADDRESS", repeat=True),
            OptionSpec("tls-cert", "certificate for HTTPS, as a PEM file", "FILE", "file"),
            OptionSpec("tls-key", "key of the certificate, as a PEM file", "FILE", "file"),
        ),
        examples=("serve", "serve --port 8000", "serve --listen 192.168.0.2 --tls-cert cert.pem --tls-key key.pem"),
    ),
    Directive(
        "mcp",
        "serve AI agents over standard input and output (Model Context Protocol)",
        options=(OptionSpec("folder", "working folder of lines (default: the current one)", "DIR", "directory"),),
        examples=("mcp", "mcp --folder images"),
        module="serve",
    ),
)

SESSION_ROWS: Final = (
    Directive(
        "sessions",
        "list earlier sessions, latest first",
        (ArgumentSpec("WORD", "only sessions with a line that contains all these words", required=False, repeat=True),),
        (
            OptionSpec("failed", "only sessions with a line that failed or was stopped"),
            SINCE,
            OptionSpec("limit", "maximum number of sessions to list", "COUNT"),
        ),
        examples=("sessions", "sessions fox --since 2d"),
    ),
    Directive(
        "session",
        "show, resume, export, import or remove a session",
        subcommands=(
            Directive(
                "session show",
                "show a session's lines, nodes and results",
                (SESSION,),
                (OptionSpec("all", "list every node, even in a session with thousands of nodes"),),
                module="session_show",
            ),
            Directive(
                "session resume",
                "run a session's unfinished lines; at the interactive prompt, continue in that session",
                (SESSION,),
                (OptionSpec("yes", "resume an imported session without asking for confirmation"),),
                runs_nodes=True,
                module="session_resume",
            ),
            Directive(
                "session export",
                "export a session as JSON",
                (SESSION, ArgumentSpec("FILE", "file to write (default: standard output)", "document", required=False)),
                (OVERWRITE,),
                module="session_export",
            ),
            Directive(
                "session import",
                "import an exported session",
                (ArgumentSpec("FILE", "file to read, `-` for standard input", "document"),),
                module="session_import",
            ),
            Directive(
                "session rm",
                "remove sessions; saved images stay",
                (ArgumentSpec(SESSION.name, SESSION.help, "session", repeat=True),),
                (OptionSpec("yes", "do not ask for confirmation"),),
                module="session_rm",
            ),
        ),
        examples=("session", "session resume latest", "session export latest boat.json"),
    ),
    Directive(
        "history",
        "list earlier lines, latest last, or save them as a script",
        (ArgumentSpec("COUNT", "number of lines (default: 50)", required=False),),
        (
            OptionSpec("limit", "the same as the argument COUNT", "COUNT"),
            OptionSpec("search", "only lines that contain all these words", "WORD", many_words=True),
            OptionSpec("failed", "only lines that failed or were stopped"),
            OptionSpec("since", "only lines started since this time: 2d, 3h, 2026-11-23", "TIME"),
            OptionSpec("session", "only lines of one session", "SESSION", "session"),
            OptionSpec("save", "save the lines as a script, with those that they depend on", "FILE", "script"),
            OptionSpec("overwrite", "with --save: replace an existing file"),
        ),
        examples=("history 20", "history --search red fox", "history --save boat.inv"),
    ),
)
