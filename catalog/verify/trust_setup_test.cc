#include "catalog/verify/trust_setup.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/example_testing.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kUrl[] = "http://127.0.0.1:7070";
constexpr char kServedPolicy[] =
    "policy 1\nregistry local http://127.0.0.1:1\n  tlog-policy tlog-policy\n"
    "  names-file names\n  witnesses timestamper\nnames local *\n";

class FakeFetcher final : public HttpFetcher {
 public:
  absl::StatusOr<std::string> Fetch(const std::string& url, int64_t) override {
    if (!status.ok()) return status;
    const auto found = files.find(url);
    if (found == files.end()) return absl::NotFoundError("answered 404");
    return found->second;
  }

  std::map<std::string, std::string> files;
  absl::Status status;
};

class TrustSetupTest : public ::testing::Test {
 protected:
  TrustSetupTest() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    Write("tlog-policy", signing::ExampleFile("tlog-policy"));
    Write("names", signing::ExampleFile("names"));
  }

  std::string Write(const std::string& name, absl::string_view text) {
    const std::string path = root_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  absl::StatusOr<TrustSetup> Open(absl::string_view more) {
    return OpenPolicyFile(
        Write("policy", absl::StrCat("policy 1\nregistry public "
                                     "https://registry.example/main\n",
                                     more)),
        options_, http_);
  }

  static ServedTrust Served() {
    return {kServedPolicy, signing::ExampleFile("tlog-policy"),
            signing::ExampleFile("names")};
  }

  const std::string root_ = ::testing::TempDir() + "/setup";
  const SetupOptions options_{root_ + "/state", "0.1.0"};
  FakeFetcher http_;
};

TEST_F(TrustSetupTest, PlacesAreTheUrlAndTheMirrorsInOrder) {
  const auto setup = Open(
      "tlog-policy tlog-policy\nnames-file names\nwitnesses timestamper\n"
      "mirror http://mirror.example/orrery\nmirror file:///srv/mirror\n"
      "mirror beside\n");
  ASSERT_THAT(setup, IsOk());
  const TrustedRegistry& registry = setup->registries.front();
  std::vector<std::string> names;
  std::vector<bool> are_remote;
  for (const auto& place : registry.places) {
    names.push_back(place->name());
    are_remote.push_back(place->is_remote());
  }
  EXPECT_THAT(names, ElementsAre("https://registry.example/main",
                                 "http://mirror.example/orrery", "/srv/mirror",
                                 root_ + "/beside"));
  EXPECT_THAT(are_remote, ElementsAre(true, true, false, false));
  EXPECT_EQ(registry.state_directory, root_ + "/state/public");
}

TEST_F(TrustSetupTest, RefusalNamesTheFile) {
  const auto missing = OpenPolicyFile(root_ + "/none", options_, http_);
  EXPECT_THAT(missing, Refused(RefusalCode::kPolicySyntax));
  EXPECT_EQ(signing::RefusalOf(missing.status())->place.file, root_ + "/none");

  const auto lost =
      Open("tlog-policy lost\nnames-file names\nwitnesses timestamper\n");
  EXPECT_THAT(lost, Refused(RefusalCode::kTrustSyntax));
  EXPECT_EQ(signing::RefusalOf(lost.status())->place.file, root_ + "/lost");

  Write("names", "orrery/names/v1\nunknown\n");
  const auto wrong = Open(
      "tlog-policy tlog-policy\nnames-file names\nwitnesses timestamper\n");
  EXPECT_THAT(wrong, Refused(RefusalCode::kTrustSyntax));
  EXPECT_EQ(signing::RefusalOf(wrong.status())->place.file, root_ + "/names");
  EXPECT_EQ(signing::RefusalOf(wrong.status())->place.line, 2);
}

TEST_F(TrustSetupTest, DirectoryIsNoPolicy) {
  EXPECT_THAT(OpenPolicyFile(root_, options_, http_),
              Refused(RefusalCode::kPolicySyntax));
}

TEST_F(TrustSetupTest, ServedTrustHasStateOfItsOwnAndTheServersAddress) {
  const auto setup = OpenServedTrust(kUrl, Served(), options_, http_);
  ASSERT_THAT(setup, IsOk());
  const TrustedRegistry& registry = setup->registries.front();
  EXPECT_EQ(registry.places.front()->name(), kUrl);
  EXPECT_THAT(registry.state_directory, StartsWith(root_ + "/state/loopback-"));
  ServedTrust other = Served();
  absl::StrAppend(&other.tlog_policy, "# another\n");
  EXPECT_NE(OpenServedTrust(kUrl, other, options_, http_)
                ->registries.front()
                .state_directory,
            registry.state_directory);
}

TEST_F(TrustSetupTest, ServedTrustOfSeveralRegistriesNeedsAPolicy) {
  ServedTrust served = Served();
  absl::StrAppend(&served.policy,
                  "registry more http://127.0.0.1:2\ntlog-policy t\n"
                  "names-file n\nwitnesses timestamper\n");
  EXPECT_THAT(OpenServedTrust(kUrl, served, options_, http_),
              Refused(RefusalCode::kPolicySyntax));
}

TEST_F(TrustSetupTest, ServerWithoutTrustFilesHasNoPolicy) {
  EXPECT_THAT(FetchServedTrust(kUrl, http_),
              Refused(RefusalCode::kPolicySyntax));
  http_.files[std::string(kUrl) + "/v1/trust/policy"] = kServedPolicy;
  EXPECT_THAT(FetchServedTrust(kUrl, http_),
              Refused(RefusalCode::kTrustSyntax));
  http_.status = absl::UnavailableError("connection refused");
  const auto down = FetchServedTrust(kUrl, http_);
  EXPECT_THAT(down, Refused(RefusalCode::kLogUnavailable));
  EXPECT_THAT(down.status().message(), HasSubstr("connection refused"));
}

TEST_F(TrustSetupTest, RememberedTrustIsThatOfTheAddress) {
  EXPECT_THAT(RecallServedTrust(kUrl, options_),
              Refused(RefusalCode::kLogUnavailable));
  ASSERT_THAT(RememberServedTrust(kUrl, Served(), options_), IsOk());
  const auto recalled = RecallServedTrust(kUrl, options_);
  ASSERT_THAT(recalled, IsOk());
  EXPECT_EQ(recalled->policy, kServedPolicy);
  EXPECT_EQ(recalled->names, signing::ExampleFile("names"));
  EXPECT_THAT(RecallServedTrust("http://127.0.0.1:7071", options_),
              Refused(RefusalCode::kLogUnavailable));
}

TEST_F(TrustSetupTest, LoopbackIsThisMachineAlone) {
  for (const char* url : {"http://127.0.0.1:7070", "http://localhost",
                          "http://[::1]:80", "http://127.9.9.9"}) {
    EXPECT_TRUE(IsLoopbackUrl(url)) << url;
  }
  for (const char* url :
       {"http://127.0.0.1.example:7070", "http://localhost.example",
        "https://127.0.0.1", "http://10.0.0.1", "http://127.0.0.1@example",
        "http://[::2]", "ftp://localhost"}) {
    EXPECT_FALSE(IsLoopbackUrl(url)) << url;
  }
}

}  // namespace
}  // namespace orrery::catalog
