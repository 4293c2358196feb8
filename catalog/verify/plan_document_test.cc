#include "catalog/verify/plan_document.h"

#include <string>

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "signing/digest.h"
#include "signing/refusal.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using signing::RefusalCode;
using signing::Refused;

constexpr char kDocument[] =
    R"([{"action":"apply","service":"k1","package":"kafka","source":"u",)"
    R"("version":"1.0","tree":"h1:x","release":3,"revision":2,)"
    R"("options":"{\"a\":1}","manifest":"{\"cmd\":\"run\"}",)"
    R"("package_json":"{}","relations":"",)"
    R"("artifacts":[{"uri":"https://e/x","sha256":"00"}],)"
    R"("bindings":[{"option":"","provider":"zk","output":""}],)"
    R"("features":["tls"]}])";

JsonValue Shown(const std::string& replaced = "", const std::string& by = "") {
  std::string text =
      R"({"steps":[{"action":"apply","service":"k1","package":"kafka",
          "source":"u","version":"1.0","tree":"h1:x","release":3,"revision":2,
          "options":{"a":1},"manifest":{"cmd":"run"}}]})";
  const size_t at = text.find(replaced);
  if (!replaced.empty() && at != std::string::npos) {
    text.replace(at, replaced.size(), by);
  }
  return registry::ParseJson(text)->root;
}

absl::StatusOr<std::vector<ClaimedStep>> Read(const std::string& document,
                                              const JsonValue& shown) {
  return ReadPlanDocument(signing::Digest::Of(document).Hex(), document, shown);
}

TEST(ReadPlanDocumentTest, ReadsWhatThePlanShows) {
  const auto steps = Read(kDocument, Shown());
  ASSERT_THAT(steps, IsOk());
  ASSERT_EQ(steps->size(), 1u);
  EXPECT_EQ(steps->front().node(), "kafka@k1");
  EXPECT_EQ(steps->front().artifacts.at("https://e/x"), "00");
  EXPECT_EQ(steps->front().providers.front(), "zk");
  EXPECT_EQ(steps->front().features.front(), "tls");
  EXPECT_EQ(steps->front().manifest.FindString("cmd"), "run");
}

TEST(ReadPlanDocumentTest, RefusesATextWithAnotherDigest) {
  EXPECT_THAT(ReadPlanDocument(std::string(64, '0'), kDocument, Shown()),
              Refused(RefusalCode::kPlanDigest));
}

TEST(ReadPlanDocumentTest, RefusesAPlanThatShowsSomethingElse) {
  const std::pair<const char*, const char*> changes[] = {
      {"apply", "update"},
      {"\"k1\"", "\"k2\""},
      {"kafka", "spark"},
      {"\"u\"", "\"v\""},
      {"1.0", "1.1"},
      {"h1:x", "h1:y"},
      {"\"release\":3", "\"release\":4"},
      {"\"revision\":2", "\"revision\":1"},
      {"{\"a\":1}", "{}"},
      {"{\"cmd\":\"run\"}", "{\"cmd\":\"rm\"}"},
      {"{\"cmd\":\"run\"}", "null"}};
  for (const auto& [from, to] : changes) {
    EXPECT_THAT(Read(kDocument, Shown(from, to)),
                Refused(RefusalCode::kPlanDigest))
        << from << " -> " << to;
  }
  EXPECT_THAT(Read(kDocument, registry::ParseJson(R"({"steps":[]})")->root),
              Refused(RefusalCode::kPlanDigest));
  EXPECT_THAT(Read("[]", Shown()), Refused(RefusalCode::kPlanDigest));
}

TEST(ReadPlanDocumentTest, RefusesWhatIsNoPlan) {
  for (const char* text : {"", "{", "[{}]", R"([{"action":"format disk"}])"}) {
    EXPECT_THAT(Read(text, Shown()), Refused(RefusalCode::kPlanDigest)) << text;
  }
}

}  // namespace
}  // namespace orrery::catalog
