// A registry over one repository on this machine.

#ifndef REGISTRY_REGISTRY_TESTING_H_
#define REGISTRY_REGISTRY_TESTING_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "registry/git/source.h"
#include "registry/registry.h"
#include "registry/source/source_status.h"
#include "registry/store/sqlite_state_store.h"
#include "signing/record/record.h"
#include "tests/testing/all_packages.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {

inline std::string Directory(const std::string& name, int64_t release) {
  return absl::StrCat("repo/packages/",
                      std::string(1, absl::ascii_toupper(name[0])), "/", name,
                      "/", release);
}

inline std::string PackageJson(const std::string& name,
                               const std::string& version,
                               const std::string& more = "") {
  return absl::StrCat(
      R"({"packagingVersion":"4.0","name":")", name, R"(","version":")",
      version,
      R"(","maintainer":"ops@example.org","description":"Answers HTTP.",)",
      R"("tags":["demo"])", more, "}\n");
}

inline void AddRelease(tests::GitFixture::Files& files, const std::string& name,
                       int64_t release, const std::string& version,
                       const std::string& more = "") {
  files[Directory(name, release) + "/package.json"] = {
      PackageJson(name, version, more)};
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest()
      : folder_(absl::StrCat(
            ::testing::TempDir(),
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
    options.allow_local_sources = allow_local_sources_;
    options.now = [this] { return now_; };
    auto opened = Registry::Open(options, store_.get());
    ASSERT_THAT(opened, IsOk());
    registry_ = *std::move(opened);
  }

  Source MakeSource(const std::string& name) {
    Source source;
    source.mode = signing::RevisionMode::kMutable;
    source.name = name;
    source.url = git_->path();
    return source;
  }
  absl::Status Add(const std::string& name = "u") {
    return registry_->AddSource(MakeSource(name), {}).status();
  }
  absl::Status Sync(bool accept_removals = false) {
    return registry_->SyncSource("u", accept_removals, absl::InfiniteFuture())
        .status();
  }
  // Commits `files_`, adds the source and indexes it.
  void Serve() {
    git_->Commit("main", files_);
    ASSERT_THAT(Add(), IsOk());
    ASSERT_THAT(Sync(), IsOk());
  }
  SourceStatus Status() { return *registry_->GetSource("u"); }

  std::vector<std::string> Served() {
    return tests::ServedReleases(*registry_->snapshot());
  }
  std::vector<std::string> Refused() {
    return tests::RefusedPlaces(*Status().contents);
  }

  const std::string folder_;
  bool allow_local_sources_ = true;
  absl::Time now_ = absl::FromUnixSeconds(1'600'000'000);
  tests::GitFixture::Files files_;
  std::unique_ptr<tests::GitFixture> git_;
  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_REGISTRY_TESTING_H_
