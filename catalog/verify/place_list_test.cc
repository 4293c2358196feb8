#include "catalog/verify/place_list.h"

#include <map>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refused;
using ::testing::HasSubstr;

// Answers as it is told, and counts.
class FakeTree final : public FileTree {
 public:
  FakeTree(std::string name, bool is_remote, absl::StatusOr<std::string> answer)
      : name_(std::move(name)),
        is_remote_(is_remote),
        answer_(std::move(answer)) {}

  const std::string& name() const override { return name_; }
  bool is_remote() const override { return is_remote_; }
  absl::StatusOr<std::string> Read(absl::string_view, int64_t) override {
    ++reads;
    return answer_;
  }

  int reads = 0;

 private:
  const std::string name_;
  const bool is_remote_;
  const absl::StatusOr<std::string> answer_;
};

class PlaceListTest : public ::testing::Test {
 protected:
  FakeTree& Add(const std::string& name, absl::StatusOr<std::string> answer,
                bool is_remote = true) {
    auto tree = std::make_unique<FakeTree>(name, is_remote, std::move(answer));
    FakeTree& added = *tree;
    places_.push_back(std::move(tree));
    return added;
  }

  static absl::StatusOr<std::string> Read(PlaceList& places) {
    return places.Read("blob/x", 10, [](absl::string_view bytes) {
      return bytes == "good" ? absl::OkStatus()
                             : signing::Refuse(RefusalCode::kContentDigest, "");
    });
  }

  std::vector<std::unique_ptr<FileTree>> places_;
};

TEST_F(PlaceListTest, FirstGoodBytesAreTaken) {
  Add("a", "bad");
  Add("b", absl::NotFoundError("none"));
  Add("c", "good");
  const FakeTree& last = Add("d", "good");
  PlaceList places(places_, /*is_offline=*/false);
  EXPECT_THAT(Read(places), IsOkAndHolds("good"));
  EXPECT_EQ(last.reads, 0);
}

TEST_F(PlaceListTest, LastRefusalIsTold) {
  Add("a", absl::ResourceExhaustedError("large"));
  Add("b", "bad");
  Add("c", absl::UnavailableError("down"));
  PlaceList places(places_, /*is_offline=*/false);
  EXPECT_THAT(Read(places), Refused(RefusalCode::kContentDigest));
}

TEST_F(PlaceListTest, MoreBytesThanSignedAreTheirRefusal) {
  Add("a", absl::ResourceExhaustedError("large"));
  PlaceList places(places_, /*is_offline=*/false);
  EXPECT_THAT(Read(places), Refused(RefusalCode::kContentSize));
}

TEST_F(PlaceListTest, TransportAloneIsUnavailableWithEachReason) {
  Add("http://a", absl::UnavailableError("http://a/blob/x: refused"));
  Add("http://b", absl::NotFoundError("answered 404"));
  PlaceList places(places_, /*is_offline=*/false);
  const auto bytes = Read(places);
  EXPECT_THAT(bytes, Refused(RefusalCode::kLogUnavailable));
  EXPECT_EQ(bytes.status().message(),
            "cannot read blob/x: http://a/blob/x: refused; "
            "http://b: answered 404");
}

TEST_F(PlaceListTest, PlaceThatIsDownIsAskedOnce) {
  const FakeTree& down = Add("a", absl::UnavailableError("down"));
  const FakeTree& without = Add("b", absl::NotFoundError("none"));
  PlaceList places(places_, /*is_offline=*/false);
  EXPECT_THAT(Read(places), Refused(RefusalCode::kLogUnavailable));
  EXPECT_THAT(Read(places).status().message(), HasSubstr("a: down"));
  EXPECT_EQ(down.reads, 1);
  EXPECT_EQ(without.reads, 2);
}

TEST_F(PlaceListTest, UserEndsIt) {
  Add("a", absl::CancelledError("interrupted"));
  const FakeTree& next = Add("b", "good");
  PlaceList places(places_, /*is_offline=*/false);
  EXPECT_THAT(Read(places), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(next.reads, 0);
}

TEST_F(PlaceListTest, OfflineNoRemotePlaceIsAsked) {
  const FakeTree& remote = Add("http://a", "good");
  Add("/b", "good", /*is_remote=*/false);
  PlaceList places(places_, /*is_offline=*/true);
  EXPECT_THAT(Read(places), IsOkAndHolds("good"));
  EXPECT_EQ(remote.reads, 0);
}

}  // namespace
}  // namespace orrery::catalog
