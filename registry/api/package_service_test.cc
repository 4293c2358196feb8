#include "registry/api/package_service.h"

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/api/proto_conversion.h"
#include "registry/status/error_details.h"
#include "registry/status/grpc_status.h"
#include "registry/store/sqlite_state_store.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kKafka[] =
    "\xef\xbb\xbf{\"packagingVersion\":\"4.0\",\"name\":\"kafka\","
    "\"version\":\"1.0\",\"maintainer\":\"ops@example.org\","
    "\"description\":\"A log.\\n\\nMore.\",\"tags\":[\"queue\"],"
    "\"selected\":true,\"framework\":true}";

std::string Plain(const std::string& name, const std::string& version) {
  return absl::StrCat(R"({"packagingVersion":"4.0","name":")", name,
                      R"(","version":")", version,
                      R"(","maintainer":"m","description":"d","tags":[]})");
}

class PackageServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = absl::StrCat(
        ::testing::TempDir(), "package_service",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    tests::GitFixture git(folder + "/git");
    git.Commit(
        "main",
        {{"repo/packages/K/kafka/0/package.json", {kKafka}},
         {"repo/packages/K/kafka/0/config.json",
          {R"({"type":"object","properties":{}})"}},
         {"repo/packages/S/spark/3/package.json", {Plain("spark", "2.0")}},
         {"repo/packages/S/spark/4/package.json", {Plain("spark", "2.1")}}});
    store_ = *SqliteStateStore::Open(":memory:");
    Registry::Options options;
    options.data_dir = folder + "/data";
    options.durable = false;
    registry_ = *Registry::Open(options, store_.get());
    Source source;
    source.name = "u";
    source.url = git.path();
    ASSERT_THAT(registry_->AddSource(source, {}), IsOk());
    ASSERT_THAT(registry_->SyncSource("u", false, absl::InfiniteFuture()),
                IsOk());
    service_ = std::make_unique<PackageService>(registry_.get());
  }

  std::unique_ptr<SqliteStateStore> store_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<PackageService> service_;
};

TEST(ValidUtf8Test, WhatIsNoCharacterIsReplaced) {
  EXPECT_EQ(ValidUtf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
            "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  for (const char* bad : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                          "\xe0\x80\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_THAT(ValidUtf8(bad), ::testing::StartsWith("\xef\xbf\xbd")) << bad;
  }
}

TEST_F(PackageServiceTest, ReleaseCarriesItsDocumentsAsPublished) {
  v1::GetPackageRequest request;
  request.set_package("kafka");
  v1::GetPackageResponse response;
  ASSERT_TRUE(service_->GetPackage(nullptr, &request, &response).ok());
  const v1::Release& release = response.release();
  EXPECT_EQ(release.name(), "kafka");
  EXPECT_EQ(release.release(), 0);
  EXPECT_EQ(release.version(), "1.0");
  EXPECT_EQ(release.source(), "u");
  // Without the byte-order mark, which a JSON answer cannot embed.
  EXPECT_EQ(release.package(), kKafka + 3);
  EXPECT_EQ(release.config(), R"({"type":"object","properties":{}})");
  EXPECT_EQ(release.resource(), "");
  bool bom = false;
  for (const v1::Finding& finding : release.findings()) {
    if (finding.rule() == "bom") {
      bom = true;
      EXPECT_EQ(finding.severity(), v1::SEVERITY_WARN);
      EXPECT_EQ(finding.path(), "repo/packages/K/kafka/0/package.json");
    }
  }
  EXPECT_TRUE(bom);
}

TEST_F(PackageServiceTest, SummaryEndsAtTheFirstParagraph) {
  v1::ListPackagesResponse response;
  v1::ListPackagesRequest request;
  ASSERT_TRUE(service_->ListPackages(nullptr, &request, &response).ok());
  ASSERT_EQ(response.packages_size(), 2);
  const v1::PackageSummary& kafka = response.packages(0);
  EXPECT_EQ(kafka.name(), "kafka");
  EXPECT_EQ(kafka.description(), "A log.");
  EXPECT_TRUE(kafka.selected());
  EXPECT_TRUE(kafka.framework());
  EXPECT_THAT(kafka.tags(), ElementsAre("queue"));
  EXPECT_FALSE(response.has_next_page_token());
}

TEST_F(PackageServiceTest, PagesFollowOneAnother) {
  v1::ListReleasesRequest request;
  request.set_package("spark");
  request.set_page_size(1);
  v1::ListReleasesResponse first;
  ASSERT_TRUE(service_->ListReleases(nullptr, &request, &first).ok());
  ASSERT_EQ(first.releases_size(), 1);
  EXPECT_EQ(first.releases(0).release(), 4);
  request.set_page_token(first.next_page_token());
  v1::ListReleasesResponse second;
  ASSERT_TRUE(service_->ListReleases(nullptr, &request, &second).ok());
  ASSERT_EQ(second.releases_size(), 1);
  EXPECT_EQ(second.releases(0).release(), 3);
  EXPECT_FALSE(second.has_next_page_token());

  request.set_package("kafka");
  EXPECT_EQ(service_->ListReleases(nullptr, &request, &second).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PackageServiceTest, UnknownPackageCarriesTheNearestName) {
  v1::GetPackageRequest request;
  request.set_package("kafak");
  v1::GetPackageResponse response;
  const grpc::Status status =
      service_->GetPackage(nullptr, &request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(status)).metadata.at(kDidYouMean), "kafka");
}

TEST_F(PackageServiceTest, RangeSelectsTheRelease) {
  v1::GetPackageRequest request;
  request.set_package("spark");
  request.set_range("=2.0");
  v1::GetPackageResponse response;
  ASSERT_TRUE(service_->GetPackage(nullptr, &request, &response).ok());
  EXPECT_EQ(response.release().release(), 3);
  request.set_range(">= 2.0");
  EXPECT_EQ(service_->GetPackage(nullptr, &request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PackageServiceTest, ReleaseOfAnotherSourceIsNotFound) {
  v1::GetReleaseRequest request;
  request.set_package("spark");
  request.set_release(3);
  v1::GetReleaseResponse response;
  ASSERT_TRUE(service_->GetRelease(nullptr, &request, &response).ok());
  EXPECT_EQ(response.release().version(), "2.0");
  request.set_source("other");
  EXPECT_EQ(service_->GetRelease(nullptr, &request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(PackageServiceTest, SearchPagesAndSuggests) {
  v1::SearchPackagesRequest request;
  request.set_query("sparkk");
  v1::SearchPackagesResponse response;
  ASSERT_TRUE(service_->SearchPackages(nullptr, &request, &response).ok());
  EXPECT_THAT(response.did_you_mean(), ElementsAre("spark"));
  request.set_query("");
  request.set_page_size(1);
  response.Clear();
  ASSERT_TRUE(service_->SearchPackages(nullptr, &request, &response).ok());
  ASSERT_EQ(response.packages_size(), 1);
  EXPECT_EQ(response.packages(0).name(), "kafka");
  request.set_page_token(response.next_page_token());
  response.Clear();
  ASSERT_TRUE(service_->SearchPackages(nullptr, &request, &response).ok());
  ASSERT_EQ(response.packages_size(), 1);
  EXPECT_EQ(response.packages(0).name(), "spark");
  EXPECT_FALSE(response.has_next_page_token());
  EXPECT_THAT(response.empty_sources(), IsEmpty());
}

}  // namespace
}  // namespace orrery::registry
