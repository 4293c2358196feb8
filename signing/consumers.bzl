"""Who may use what signing/ offers."""

SIGNING_CONSUMERS = [
    "//catalog:__subpackages__",
    "//cli-plugin:__subpackages__",
    "//registry:__subpackages__",
    "//server:__subpackages__",
    "//signing:__subpackages__",
    "//tests:__subpackages__",
]
