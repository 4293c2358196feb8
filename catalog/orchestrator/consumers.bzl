"""Who may use what the folders of the orchestrators offer."""

ORCHESTRATOR_CONSUMERS = [
    "//catalog:__subpackages__",
    "//server:__subpackages__",
    "//tests:__subpackages__",
]
