#ifndef CATALOG_PLANNING_TRUST_FIXTURE_H_
#define CATALOG_PLANNING_TRUST_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/planning/trust_gate.h"
#include "catalog/store/service_record.h"
#include "registry/git/source.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/release.h"
#include "registry/log/registry_log.h"
#include "registry/log/trust_files.h"
#include "registry/store/durable_file.h"
#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {

inline constexpr char kCommit[] = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68";
inline constexpr char kPackage[] = R"({"name":"hello","version":"1.0"})";

// What `DIR/trust/policy` says at first, without its last line.
inline constexpr char kPolicyHead[] =
    "policy 1\nregistry local http://127.0.0.1:7070\n"
    "  tlog-policy tlog-policy\n  names-file names\n  witnesses timestamper\n"
    "names local *\n";

inline signing::Record Observed(int64_t release,
                                const std::string& package_json) {
  signing::ObservedRecord body;
  body.sighting.source = "universe";
  body.sighting.state = std::string(kCommit);
  body.content.release = release;
  body.content.revision = 1;
  body.content.version = "1.0";
  const signing::Digest digest = signing::Digest::Of(package_json);
  const signing::TreeHash::File files[] = {{"package.json", digest}};
  body.content.tree = signing::TreeHash::Of("hello", release, files);
  body.content.files = {
      {digest, static_cast<int64_t>(package_json.size()), "package.json"}};
  signing::Record record;
  record.kind = signing::RecordKind::kObserved;
  record.package = "hello";
  record.body = body;
  return record;
}

inline registry::PackedContent Packed(const std::string& bytes) {
  return {signing::Digest::Of(bytes), bytes.size(),
          registry::ContentPacker().Pack(bytes)};
}

inline registry::Release Release(int64_t number,
                                 const std::string& package_json) {
  registry::Release release;
  release.name = "hello";
  release.release = number;
  release.version = "1.0";
  release.source = "universe";
  release.files = {{"package.json", 0100644, package_json.size(),
                    signing::Digest::Of(package_json)}};
  return release;
}

// A log with release 1 of hello, of source universe, and the trust files that a
// first start writes.
class TrustTest : public ::testing::Test {
 protected:
  TrustTest()
      : data_dir_(absl::StrCat(
            ::testing::TempDir(), "/gate_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(registry::RemoveTree(data_dir_), IsOk());
    EXPECT_THAT(registry::MakeDirectory(data_dir_, 0700), IsOk());
    log_ = *registry::RegistryLog::Open({.data_dir = data_dir_,
                                         .origin = "registry.example/main",
                                         .durable = false,
                                         .now = [this] { return now_; }});
    signing::SourceRecord source;
    source.id = "universe";
    signing::GitOrigin origin;
    origin.repository = {"https://git.example/u.git", "refs/heads/main"};
    origin.directory = ".";
    source.origin = origin;
    source.priority = 100;
    EXPECT_THAT(log_->LogSource(source), IsOk());
    EXPECT_THAT(log_->PutContents({Packed(kPackage)}), IsOk());
    EXPECT_THAT(log_->Append({Observed(1, kPackage)},
                             registry::ReadMark{"universe", kCommit}),
                IsOk());
    EXPECT_THAT(registry::WriteTrustFiles(data_dir_, log_->keys(),
                                          "http://127.0.0.1:7070"),
                IsOk());
    gate_ = std::make_unique<TrustGate>(
        log_.get(),
        TrustGate::Options{.data_dir = data_dir_,
                           .version = "0.1.0",
                           .now = [this] { return now_; },
                           .unread_sources = [this] { return unread_; }});
  }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_THAT(
        registry::WriteWhole(absl::StrCat(data_dir_, "/trust/", name), text),
        IsOk());
  }
  void SetPolicy(const std::string& lines) {
    Write("policy", absl::StrCat(kPolicyHead, lines));
  }

  static ServiceRecord Running() {
    ServiceRecord record;
    record.name = record.package = "hello";
    record.source = "universe";
    record.release = 1;
    return record;
  }

  absl::Status Admit() {
    return gate_->Admission()->Admit(Release(1, kPackage));
  }

  const std::string data_dir_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  std::unique_ptr<registry::RegistryLog> log_;
  std::unique_ptr<TrustGate> gate_;
  std::vector<registry::Source> unread_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_PLANNING_TRUST_FIXTURE_H_
