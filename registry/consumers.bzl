"""Who may use what the folders of the registry offer."""

REGISTRY_CONSUMERS = [
    "//catalog:__subpackages__",
    "//registry:__subpackages__",
    "//server:__subpackages__",
    "//tests:__subpackages__",
]
