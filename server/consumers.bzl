"""Who may use what the folders of the server offer."""

SERVER_CONSUMERS = [
    "//server:__subpackages__",
    "//tests:__subpackages__",
]
