#include "cli-plugin/http/trust_fetcher.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "cli-plugin/http/fake_http_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kUrl[] = "http://mirror.example/log/checkpoint";
constexpr char kRequest[] = "GET /log/checkpoint";

class TrustFetcherTest : public ::testing::Test {
 protected:
  static absl::Status FetchAnswered(int status) {
    tests::FakeHttpClient http;
    http.Answer(kRequest, status, "");
    return TrustFetcher(&http, /*is_offline=*/false).Fetch(kUrl, 9).status();
  }
  static absl::Status FetchFailed(absl::Status status) {
    tests::FakeHttpClient http;
    http.Fail(kRequest, std::move(status));
    return TrustFetcher(&http, /*is_offline=*/false).Fetch(kUrl, 9).status();
  }

  tests::FakeHttpClient http_;
  TrustFetcher fetcher_{&http_, /*is_offline=*/false};
};

TEST_F(TrustFetcherTest, BodyIsFetchedUnderTheLimit) {
  http_.Answer(kRequest, 200, "note");
  EXPECT_THAT(fetcher_.Fetch(kUrl, 131072), IsOkAndHolds("note"));
  EXPECT_EQ(http_.Last(kRequest).max_body, 131072u);
}

TEST_F(TrustFetcherTest, StatusSaysWhetherItIsThere) {
  for (const int status : {404, 410}) {
    EXPECT_THAT(FetchAnswered(status), StatusIs(absl::StatusCode::kNotFound));
  }
  // Redirects, too: nobody is sent to where the policy does not.
  for (const int status : {302, 401, 204, 500}) {
    EXPECT_THAT(FetchAnswered(status),
                StatusIs(absl::StatusCode::kUnavailable));
  }
}

TEST_F(TrustFetcherTest, TransportFailureNamesTheUrlAndIsOfOneKind) {
  EXPECT_THAT(FetchFailed(absl::DeadlineExceededError("timed out")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(kUrl)));
  EXPECT_THAT(FetchFailed(absl::ResourceExhaustedError("large")),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(FetchFailed(absl::CancelledError("interrupted")),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(TrustFetcherTest, OfflineNothingIsSent) {
  TrustFetcher offline{&http_, /*is_offline=*/true};
  EXPECT_THAT(offline.Fetch(kUrl, 9), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(http_.requests(), IsEmpty());
}

}  // namespace
}  // namespace orrery::cli
