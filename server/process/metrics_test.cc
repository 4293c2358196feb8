#include "server/process/metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::server {
namespace {

using ::testing::HasSubstr;

TEST(MetricsTest, ZerosAreThereFromTheStart) {
  Metrics metrics("1.0", "abc");
  metrics.DeclareRoute("GET", "/v1/packages");
  metrics.DeclareGrpcMethod("orrery.registry.v1.PackageService", "GetPackage");
  const std::string text = metrics.Text();
  EXPECT_THAT(text,
              HasSubstr("orrery_build_info{commit=\"abc\",version=\"1.0\"} 1"));
  EXPECT_THAT(text, HasSubstr("orrery_snapshot_packages 0"));
  EXPECT_THAT(text, HasSubstr("orrery_operations{state=\"running\"} 0"));
  EXPECT_THAT(text,
              HasSubstr("orrery_http_request_duration_seconds_count{"
                        "code=\"200\",method=\"GET\",route=\"/v1/packages\"} "
                        "0"));
  EXPECT_THAT(text, HasSubstr("orrery_grpc_server_handled_total{grpc_code="
                              "\"OK\",grpc_method=\"GetPackage\",grpc_service="
                              "\"orrery.registry.v1.PackageService\"} 0"));
  EXPECT_THAT(text,
              HasSubstr("orrery_source_sync_duration_seconds_count{result="
                        "\"error\"} 0"));
}

TEST(MetricsTest, SampledValuesAreAskedForAtEachScrape) {
  Metrics metrics("1.0", "abc");
  int64_t packages = 0;
  metrics.SetSampler([&packages] {
    return Metrics::Sampled{.packages = ++packages,
                            .operations = {{"failed", 4}}};
  });
  EXPECT_THAT(metrics.Text(), HasSubstr("orrery_snapshot_packages 1"));
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("orrery_snapshot_packages 2"));
  EXPECT_THAT(text, HasSubstr("orrery_operations{state=\"failed\"} 4"));
  EXPECT_THAT(text, HasSubstr("orrery_operations{state=\"running\"} 0"));
}

TEST(MetricsTest, AFailedSyncDoesNotMoveTheLastSuccess) {
  Metrics metrics("1.0", "abc");
  metrics.ObserveSync("u", absl::Seconds(2), /*ok=*/true,
                      absl::FromUnixSeconds(1000));
  metrics.ObserveSync("u", absl::Seconds(2), /*ok=*/false,
                      absl::FromUnixSeconds(2000));
  const std::string text = metrics.Text();
  EXPECT_THAT(
      text,
      HasSubstr("orrery_source_sync_last_success_timestamp_seconds{source="
                "\"u\"} 1000"));
  EXPECT_THAT(text,
              HasSubstr("orrery_source_sync_duration_seconds_count{result="
                        "\"error\"} 1"));
}

}  // namespace
}  // namespace orrery::server
