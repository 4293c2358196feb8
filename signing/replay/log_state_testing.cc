#include "signing/replay/log_state_testing.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "signing/replay/catalog.h"

namespace orrery::signing {
namespace {

// What a package is beside what the catalog says of it.
std::string Text(const PackageState& package) {
  std::string text;
  for (const auto& [key, release] : package.releases) {
    absl::StrAppend(&text, key.first, " ", key.second, " left ",
                    release.has_left, ":");
    for (const RevisionEntry& revision : release.revisions) {
      absl::StrAppend(&text, " ", revision.observed.value_or(-1), "/",
                      revision.released.value_or(-1));
    }
    absl::StrAppend(&text, "\n");
  }
  for (const auto& record : package.signed_records) {
    absl::StrAppend(&text, "signed ", record->leaf_hash().Hex(), " ",
                    record->signatures().size(), "\n");
  }
  for (const Yank& yank : package.yanks) {
    absl::StrAppend(&text, "yank ", yank.source, " ", yank.release, " ",
                    yank.revision.value_or(0), " ", yank.leaf, " ", yank.reason,
                    "\n");
  }
  if (package.keyset.has_value()) {
    absl::StrAppend(&text, "keyset ", package.keyset->number, " ",
                    package.keyset->statement.Hex(), " ",
                    RevisionModeName(package.keyset->mode), " ",
                    package.keyset->home, " ",
                    package.keyset->record->signers.size(), "\n");
  }
  return text;
}

}  // namespace

void ExpectSamePackage(const LogState& read, const LogState& replayed,
                       const std::string& name) {
  SCOPED_TRACE(name);
  const PackageState* const package = FindPackage(read, name);
  ASSERT_NE(package, nullptr);
  EXPECT_EQ(Text(*package), Text(*FindPackage(replayed, name)));
}

void ExpectSameState(const LogState& read, const LogState& replayed) {
  EXPECT_EQ(PrintCatalog(read), PrintCatalog(replayed));
  EXPECT_EQ(read.size, replayed.size);
  EXPECT_EQ(read.yanked, replayed.yanked);
  for (const auto& [name, package] : replayed.packages) {
    ExpectSamePackage(read, replayed, name);
  }
  for (int64_t leaf = 0; leaf < replayed.size; ++leaf) {
    EXPECT_EQ(TimeOf(read, leaf), TimeOf(replayed, leaf)) << leaf;
    for (const auto& [id, source] : replayed.sources) {
      EXPECT_EQ(IsOfFirstImport(read, id, leaf),
                IsOfFirstImport(replayed, id, leaf))
          << id << " " << leaf;
    }
  }
}

}  // namespace orrery::signing
