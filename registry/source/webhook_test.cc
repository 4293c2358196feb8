#include "registry/source/webhook.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/status/error_details.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

// GitHub's own example for those who verify deliveries.
constexpr char kSecret[] = "It's a Secret to Everybody";
constexpr char kBody[] = "Hello, World!";
constexpr char kMac[] =
    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
constexpr char kOtherMac[] =
    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18";

struct Delivery {
  std::string body;
  std::vector<std::string> hub_signatures;
  std::vector<std::string> gitea_signatures;
  std::vector<std::string> gitlab_tokens;
};

// The body comes in two pieces.
absl::Status Verify(const Delivery& whole, absl::string_view secret) {
  auto delivery = WebhookDelivery::Begin(
      {whole.hub_signatures, whole.gitea_signatures, whole.gitlab_tokens},
      secret);
  if (!delivery.ok()) return delivery.status();
  const absl::string_view body = whole.body;
  delivery->Add(body.substr(0, body.size() / 2));
  delivery->Add(body.substr(body.size() / 2));
  return delivery->Verify();
}

std::string Hub(const std::string& mac) { return absl::StrCat("sha256=", mac); }

TEST(WebhookTest, EachDialectIsTakenWhenItIsRight) {
  const Delivery right[] = {
      {kBody, {Hub(kMac)}, {}, {}},
      {kBody, {}, {kMac}, {}},
      {kBody, {}, {}, {kSecret}},
      // Forgejo sends both.
      {kBody, {Hub(kMac)}, {kMac}, {}},
  };
  for (const Delivery& delivery : right) {
    EXPECT_THAT(Verify(delivery, kSecret), IsOk());
  }
}

TEST(WebhookTest, AnythingElseIsNotVerified) {
  const Delivery wrong[] = {
      {kBody, {}, {}, {}},
      {kBody, {Hub(kOtherMac)}, {}, {}},
      {kBody, {absl::StrCat("sha1=", kMac)}, {}, {}},
      {kBody, {kMac}, {}, {}},
      {kBody, {""}, {}, {}},
      {kBody, {absl::StrCat(Hub(kMac), "0")}, {}, {}},
      {"Hello,  World!", {Hub(kMac)}, {}, {}},
      {kBody, {}, {kOtherMac}, {}},
      {kBody, {}, {Hub(kMac)}, {}},
      {kBody, {}, {}, {"It's a Secret to Everybody "}},
      {kBody, {}, {}, {""}},
      // Twice, in either order, also when both are right.
      {kBody, {Hub(kMac), Hub(kOtherMac)}, {}, {}},
      {kBody, {Hub(kOtherMac), Hub(kMac)}, {}, {}},
      {kBody, {Hub(kMac), Hub(kMac)}, {}, {}},
      // Two that contradict each other.
      {kBody, {Hub(kMac)}, {kOtherMac}, {}},
      {kBody, {Hub(kOtherMac)}, {}, {kSecret}},
  };
  for (const Delivery& delivery : wrong) {
    const absl::Status status = Verify(delivery, kSecret);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_EQ(ReasonOf(status).reason, "NOTIFICATION_NOT_VERIFIED");
    EXPECT_THAT(std::string(status.message()),
                ::testing::Not(::testing::HasSubstr(kMac)));
  }
}

}  // namespace
}  // namespace orrery::registry
