// A source of a repository on this machine, and what the log says of it.

#ifndef REGISTRY_OBSERVED_SOURCE_TESTING_H_
#define REGISTRY_OBSERVED_SOURCE_TESTING_H_

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/log/registry_log.h"
#include "registry/registry.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "signing/replay/catalog.h"
#include "signing/replay/log_state.h"
#include "tests/testing/all_packages.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {

inline std::string FileOf(const std::string& name, int64_t release) {
  return absl::StrCat("repo/packages/",
                      std::string(1, absl::ascii_toupper(name[0])), "/", name,
                      "/", release, "/package.json");
}

inline std::string PackageJson(const std::string& name,
                               const std::string& version) {
  return absl::StrCat(
      R"({"packagingVersion":"4.0","name":")", name, R"(","version":")",
      version,
      R"(","maintainer":"ops@example.org","description":"Answers HTTP.",)"
      R"("tags":["demo"]})",
      "\n");
}

class ObservedSourceTest : public ::testing::Test {
 protected:
  ObservedSourceTest()
      : folder_(absl::StrCat(
            ::testing::TempDir(), "observed_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    git_ = std::make_unique<tests::GitFixture>(folder_ + "/git");
    store_ = *SqliteStateStore::Open(":memory:");
    Reopen();
  }

  void Reopen() {
    registry_ = nullptr;
    Registry::Options options;
    options.data_dir = folder_ + "/data";
    options.durable = false;
    auto opened = Registry::Open(options, store_.get());
    ASSERT_THAT(opened, IsOk());
    registry_ = *std::move(opened);
  }
  void LoseIndex() {
    registry_ = nullptr;
    for (const char* rest : {"", "-wal", "-shm"}) {
      std::filesystem::remove(absl::StrCat(folder_, "/data/index.db", rest));
    }
    Reopen();
  }

  void Set(const std::string& name, int64_t release,
           const std::string& version) {
    files_[FileOf(name, release)] = {PackageJson(name, version)};
  }
  std::string Commit() { return git_->Commit("main", files_); }
  void Add(signing::RevisionMode mode,
           signing::Admission admission = signing::Admission::kObserved) {
    Source source;
    source.name = "u";
    source.url = git_->path();
    source.mode = mode;
    source.admission = admission;
    ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
    ASSERT_THAT(Sync(), IsOk());
  }
  absl::Status Sync() {
    return registry_
        ->SyncSource("u", /*accept_removals=*/true, absl::InfiniteFuture())
        .status();
  }

  // Of this registry.
  void WriteNames(const std::string& lines) {
    const std::string folder = folder_ + "/data/trust";
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/names") << "orrery/names/v1\n" << lines;
  }

  // "kafka 0 1 observed current" of each release line.
  std::vector<std::string> Logged() {
    std::vector<std::string> lines;
    std::string package;
    EXPECT_THAT(registry_->log().ReadState([&](const signing::LogState& log) {
      EXPECT_THAT(log.void_leaves, ::testing::IsEmpty());
      const std::string catalog = signing::PrintCatalog(log);
      for (const absl::string_view line : absl::StrSplit(catalog, '\n')) {
        const std::vector<std::string> words = absl::StrSplit(line, ' ');
        if (words[0] == "package") package = words[1];
        if (words[0] != "release") continue;
        lines.push_back(absl::StrCat(package, " ", words[2], " ", words[3], " ",
                                     words[4], " ", words[5]));
      }
      return absl::OkStatus();
    }),
                IsOk());
    return lines;
  }
  int64_t Size() {
    int64_t size = 0;
    EXPECT_THAT(registry_->log().ReadState([&](const signing::LogState& log) {
      size = log.size;
      return absl::OkStatus();
    }),
                IsOk());
    return size;
  }
  std::string Leaf(int64_t index) {
    return registry_->log().ReadLeafAt(index).value_or("");
  }
  std::vector<std::string> Served() {
    return tests::ServedReleases(*registry_->snapshot());
  }
  std::string VersionOf(const std::string& name, int64_t release) {
    const auto package = registry_->snapshot()->FindPackage(name);
    if (!package.ok() || *package == nullptr) return "";
    for (const ReleasePtr& found : (*package)->releases) {
      if (found->release == release) return found->version;
    }
    return "";
  }
  std::vector<std::string> RefusedRules() {
    std::vector<std::string> rules;
    const SourceStatus status = *registry_->GetSource("u");
    for (const Finding& finding : status.contents->refused) {
      rules.push_back(finding.rule);
    }
    return rules;
  }

  const std::string folder_;
  tests::GitFixture::Files files_;
  std::unique_ptr<tests::GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_OBSERVED_SOURCE_TESTING_H_
