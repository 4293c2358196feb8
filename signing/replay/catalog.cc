#include "signing/replay/catalog.h"

#include "absl/strings/str_cat.h"

namespace orrery::signing {
namespace {

void AppendSource(absl::string_view id, const SourceState& source,
                  std::string& text) {
  const SourceRecord& record = source.in_force();
  absl::StrAppend(&text, "source ", id, " ", source.chain.size(), " ",
                  source.chain.back().leaf, " ");
  if (source.is_base()) {
    absl::StrAppend(&text, "base");
  } else {
    absl::StrAppend(&text, "overlay:", record.overlay_of);
  }
  absl::StrAppend(&text, " ", record.priority, " ",
                  RevisionModeName(record.mode), " ",
                  AdmissionName(record.admission), " sha256:");
  absl::StrAppend(&text, source.chain.back().statement.Hex(), "\n");
}

void AppendChain(absl::string_view prefix, const Chain& chain,
                 std::string& text) {
  for (size_t i = 0; i < chain.size(); ++i) {
    absl::StrAppend(&text, prefix, " ", i + 1, " ", chain[i].leaf, " ");
    absl::StrAppend(&text, RecordKindName(chain[i].kind),
                    " sha256:", chain[i].statement.Hex(), "\n");
  }
}

void AppendReleases(const LogState& log, const PackageState& package,
                    std::string& text) {
  for (const auto& [key, release] : package.releases) {
    const auto& [source, number] = key;
    for (size_t i = 0; i < release.revisions.size(); ++i) {
      const RevisionEntry& revision = release.revisions[i];
      const RevisionState state =
          StateOf(log, package, source, number, static_cast<int64_t>(i) + 1);
      absl::StrAppend(&text, "release ", source, " ", number, " ");
      absl::StrAppend(&text, i + 1,
                      revision.released.has_value() ? " sshsig " : " observed ",
                      RevisionStateName(state), " ");
      absl::StrAppend(&text, revision.tree.Text(), " ", revision.version, "\n");
      for (const std::string& requirement : revision.requirements) {
        absl::StrAppend(&text, "requires ", requirement, "\n");
      }
    }
  }
}

void AppendPackage(const LogState& log, absl::string_view name,
                   const PackageState& package, std::string& text) {
  absl::StrAppend(&text, "package ", name, "\n");
  if (package.claim.has_value()) {
    absl::StrAppend(&text, "claim ", package.claim->leaf,
                    " sha256:", package.claim->statement.Hex(), "\n");
  }
  AppendChain("m", package.maintainers, text);
  for (const auto& [source, chain] : package.observations) {
    AppendChain(absl::StrCat("r ", source), chain, text);
  }
  AppendReleases(log, package, text);
}

std::string HeadAt(int64_t size, const LogState& log) {
  std::string text = absl::StrCat("orrery/catalog/v1\nlog ", log.origin,
                                  "\nsize ", size, "\n");
  for (const VoidLeaf& leaf : log.void_leaves) {
    absl::StrAppend(&text, "void ", leaf.leaf, " ", RefusalName(leaf.code),
                    "\n");
  }
  for (const auto& [id, source] : log.sources) AppendSource(id, source, text);
  return text;
}

std::string PrintAt(int64_t size, const LogState& log) {
  std::string text = HeadAt(size, log);
  for (const auto& [name, package] : log.packages) {
    AppendPackage(log, name, package, text);
  }
  return text;
}

}  // namespace

std::string PrintCatalog(const LogState& log) { return PrintAt(log.size, log); }

std::string PrintCatalogHead(const LogState& log) {
  return HeadAt(log.size, log);
}

std::string PrintPackageLines(const LogState& log, absl::string_view name,
                              const PackageState& package) {
  std::string text;
  AppendPackage(log, name, package, text);
  return text;
}

std::string PrintNamedCatalog(const LogState& log) {
  // An index leaf adds nothing to a catalog but its place.
  return PrintAt(log.size - 1, log);
}

std::string PrintNamedCatalogHead(const LogState& log) {
  return HeadAt(log.size - 1, log);
}

}  // namespace orrery::signing
