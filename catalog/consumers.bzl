"""Who may use what the folders of the catalog offer."""

CATALOG_CONSUMERS = [
    "//catalog:__subpackages__",
    "//server:__subpackages__",
    "//tests:__subpackages__",
]
